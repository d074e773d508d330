/* SPDX-License-Identifier: BSD-3-Clause */
/* reading: numbers and addresses as people write them. Each function reads the text from p
 * up to `end`.
 *
 * Threads    any; a struct reading belongs to one thread.
 * Ownership  the caller owns the buffer `why`.
 * Errors     0, or -EINVAL and the reason in r->why: "300 is more than 255".
 * Bounds     a longer reason is cut.
 */
#ifndef APP_READING_H
#define APP_READING_H

#include <stdint.h>

#include "base/be.h"

struct reading {
	char *why;
	unsigned whylen;
};

/* A unit behind a number. A name of NULL ends a list of units. */
struct unit {
	const char *name;
	double factor;
};

int reading_bad(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Decimal digits. */
int reading_number(
        struct reading *r, const char *p, const char *end, uint64_t most, uint64_t *out);
/* "5000", "1.5M". Upper and lower case of a unit are equal; the unit may be missing. */
int reading_decimal(struct reading *r, const char *p, const char *end, const struct unit *units,
        double *out);
int reading_addr(struct reading *r, const char *p, const char *end, be32 *out);
/* A TCP port, 1 to 65535. */
int reading_port(struct reading *r, const char *p, const char *end, be16 *out);

#endif
