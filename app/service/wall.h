/* SPDX-License-Identifier: BSD-3-Clause */
/* wall: the time of day, read once per second and not once per packet.
 *
 * Threads    one struct wall per core.
 * Memory     none.
 */
#ifndef APP_WALL_H
#define APP_WALL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Zeroed before its first use. */
struct wall {
	uint64_t next_us; /* the core's clock at the end of this second */
	time_t now;
};

void wall_read(struct wall *w, uint64_t now_us);

/* Returns true if a new second has begun since the last call. */
static inline bool
wall_tick(struct wall *w, uint64_t now_us)
{
	if (now_us < w->next_us)
		return false;
	wall_read(w, now_us);
	return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", the IMF-fixdate of RFC 9110 5.6.7. */
#define WALL_HTTP_BYTES 29
void wall_http(char out[WALL_HTTP_BYTES + 1], time_t t);

/* "Tuesday, February 22, 1982 17:37:43-UTC\r\n", the syntax of RFC 867. */
#define WALL_LINE_MAX 64
uint32_t wall_line(char out[WALL_LINE_MAX], time_t t);

#endif
