/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers, units, addresses and ports read from text. */
#include "text/reading.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int
reading_bad(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, r->whylen, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int
reading_number(struct reading *r, const char *p, const char *end, uint64_t most, uint64_t *out)
{
	uint64_t n = 0;
	int len = (int)(end - p);

	if (len == 0)
		return reading_bad(r, "a number is missing");
	for (const char *d = p; d < end; d++) {
		if (!isdigit((unsigned char)*d))
			return reading_bad(r, "'%.*s' is not a number", len, p);
		if (n > (UINT64_MAX - 9) / 10)
			return reading_bad(r, "%.*s is too large", len, p);
		n = n * 10 + (uint64_t)(*d - '0');
	}
	if (n > most)
		return reading_bad(
		        r, "%.*s is more than %llu", len, p, (unsigned long long)most);
	*out = n;
	return 0;
}

/* Reads digits, with a point and more digits if they follow. Returns their end, or p if there
 * are no digits. */
static const char *
scan_decimal(const char *p, const char *end, double *out)
{
	const char *d = p;
	double digit = 1;

	for (*out = 0; d < end && isdigit((unsigned char)*d); d++)
		*out = *out * 10 + (*d - '0');
	if (d == p || end - d < 2 || *d != '.' || !isdigit((unsigned char)d[1]))
		return d;
	for (d++; d < end && isdigit((unsigned char)*d); d++)
		*out += (*d - '0') * (digit /= 10);
	return d;
}

int
reading_decimal(struct reading *r, const char *p, const char *end, const struct unit *units,
        double *out)
{
	const char *unit = scan_decimal(p, end, out);
	size_t len = (size_t)(end - unit);

	if (p == end)
		return reading_bad(r, "a number is missing");
	if (unit == p)
		return reading_bad(r, "'%.*s' is not a number", (int)(end - p), p);
	for (; len > 0 && units->name != NULL; units++) {
		if (strlen(units->name) == len && strncasecmp(units->name, unit, len) == 0) {
			*out *= units->factor;
			return 0;
		}
	}
	if (len > 0)
		return reading_bad(r, "'%.*s' is not a known unit", (int)len, unit);
	return 0;
}

int
reading_addr(struct reading *r, const char *p, const char *end, be32 *out)
{
	uint32_t addr = 0;

	for (unsigned i = 0; i < 4; i++) {
		const char *dot = memchr(p, '.', (size_t)(end - p));
		const char *stop = i < 3 ? dot : end;
		uint64_t byte;

		if (stop == NULL || (i == 3 && dot != NULL))
			return reading_bad(r, "an IPv4 address has four numbers");
		if (reading_number(r, p, stop, 255, &byte) != 0)
			return -EINVAL;
		if (stop - p > 1 && *p == '0')
			return reading_bad(r,
			        "'%.*s' begins with 0, and some programs read that as octal",
			        (int)(stop - p), p);
		addr = addr << 8 | (uint32_t)byte;
		p = stop + 1;
	}
	*out = cpu_to_be32(addr);
	return 0;
}

int
reading_port(struct reading *r, const char *p, const char *end, be16 *out)
{
	uint64_t port;

	if (reading_number(r, p, end, 65535, &port) != 0)
		return -EINVAL;
	if (port == 0)
		return reading_bad(r, "a TCP port is 1 to 65535");
	*out = cpu_to_be16((uint16_t)port);
	return 0;
}
