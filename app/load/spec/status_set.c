/* SPDX-License-Identifier: BSD-3-Clause */
/* Parses and prints sets of HTTP status codes. */
#include "load/spec/status_set.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "text/reading.h"

#define LAST       (STATUS_FIRST + STATUS_CODES - 1)
#define OF_A_CLASS 100u

static bool
has_all_codes(const struct status_set *s, unsigned first, unsigned last)
{
	for (; first <= last; first++) {
		if (!status_set_has(s, first))
			return false;
	}
	return true;
}

static int
read_code(struct reading *r, const char *p, const char *end, unsigned *code)
{
	uint64_t n;

	if (reading_number(r, p, end, UINT16_MAX, &n) != 0)
		return -EINVAL;
	if (n < STATUS_FINAL || n > LAST)
		return reading_bad(r, "a status is a number from %u to %u, not %.*s",
		        STATUS_FINAL, LAST, (int)(end - p), p);
	*code = (unsigned)n;
	return 0;
}

/* "2xx", "301" or "400-404". */
static int
read_part(struct reading *r, const char *p, const char *end, struct status_set *s)
{
	const char *dash = memchr(p, '-', (size_t)(end - p));
	unsigned first = 0, last = 0;

	if (end - p == 3 && p[0] >= '2' && p[0] <= '5' && tolower((unsigned char)p[1]) == 'x' &&
	        tolower((unsigned char)p[2]) == 'x') {
		first = (unsigned)(p[0] - '0') * OF_A_CLASS;
		status_set_add(s, first, first + OF_A_CLASS - 1);
		return 0;
	}
	if (read_code(r, p, dash != NULL ? dash : end, &first) != 0)
		return -EINVAL;
	last = first;
	if (dash != NULL && read_code(r, dash + 1, end, &last) != 0)
		return -EINVAL;
	if (last < first)
		return reading_bad(r, "%u is below %u", last, first);
	status_set_add(s, first, last);
	return 0;
}

int
status_set_parse(const char *text, struct status_set *s, char *why, unsigned whylen)
{
	struct reading r = {why, whylen};
	const char *p = text;

	memset(s, 0, sizeof(*s));
	for (;;) {
		const char *end = p + strcspn(p, ",");

		if (read_part(&r, p, end, s) != 0)
			return -EINVAL;
		if (*end == '\0')
			return 0;
		p = end + 1;
	}
}

/* The end of the run of codes that begins at `first`. A whole class is a run of its own. */
static unsigned
code_run_end(const struct status_set *s, unsigned first)
{
	unsigned last = first;

	while (last < LAST && status_set_has(s, last + 1) &&
	        ((last + 1) % OF_A_CLASS != 0 ||
	                !has_all_codes(s, last + 1, last + OF_A_CLASS)))
		last++;
	return last;
}

/* The longest text is that of every second code: 200 codes, four bytes each. */
void
status_set_print(const struct status_set *s, char text[STATUS_TEXT])
{
	struct status_set set = status_set_or_default(s);
	size_t len = 0;

	for (unsigned code = STATUS_FINAL; code <= LAST; code++) {
		const char *comma = len > 0 ? "," : "";
		unsigned last;

		if (!status_set_has(&set, code))
			continue;
		last = code_run_end(&set, code);
		if (code % OF_A_CLASS == 0 && last >= code + OF_A_CLASS - 1) {
			last = code + OF_A_CLASS - 1;
			len += (size_t)snprintf(text + len, STATUS_TEXT - len, "%s%uxx", comma,
			        code / OF_A_CLASS);
		} else if (last > code) {
			len += (size_t)snprintf(
			        text + len, STATUS_TEXT - len, "%s%u-%u", comma, code, last);
		} else {
			len += (size_t)snprintf(
			        text + len, STATUS_TEXT - len, "%s%u", comma, code);
		}
		code = last;
	}
}
