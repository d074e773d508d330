/* SPDX-License-Identifier: BSD-3-Clause */
/* The date in the formats of HTTP and of daytime. */
#include "service/wall.h"

#include <stdio.h>

/* strftime() would use the names of the user's locale. */
static const char *const days[] = {
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December"};

void
wall_read(struct wall *w, uint64_t now_us)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	w->now = ts.tv_sec;
	w->next_us = now_us + 1000000 - (uint64_t)ts.tv_nsec / 1000;
}

void
wall_http(char out[WALL_HTTP_BYTES + 1], time_t t)
{
	char text[96];
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(text, sizeof(text), "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	        days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
	        tm.tm_min, tm.tm_sec);
	snprintf(out, WALL_HTTP_BYTES + 1, "%.*s", WALL_HTTP_BYTES, text);
}

uint32_t
wall_line(char out[WALL_LINE_MAX], time_t t)
{
	struct tm tm;
	int n;

	gmtime_r(&t, &tm);
	n = snprintf(out, WALL_LINE_MAX, "%s, %s %d, %d %02d:%02d:%02d-UTC\r\n",
	        days[tm.tm_wday], months[tm.tm_mon], tm.tm_mday, tm.tm_year + 1900, tm.tm_hour,
	        tm.tm_min, tm.tm_sec);
	return n < WALL_LINE_MAX ? (uint32_t)n : WALL_LINE_MAX - 1;
}
