/* SPDX-License-Identifier: BSD-3-Clause */
/* report_id: which load a report is of, so that none is counted twice.
 *
 * A load draws its id when it begins: all reports of it, also those of `show load`, have it.
 * A merged report lists the ids of what it was made of. A report without one (of an older
 * version) is known by its content.
 *
 * Threads    any.
 * Ownership  the caller's.
 */
#ifndef APP_LOAD_REPORT_ID_H
#define APP_LOAD_REPORT_ID_H

#include <jansson.h>
#include <stdbool.h>

#define REPORT_ID 40 /* with its end: 128 bits at random, written as a UUID (RFC 9562 5.4) */

/* "" if the kernel gives no random bits: it has none then. */
void report_id_make(char id[REPORT_ID]);

/* The ids of all loads whose counts are in it: a new array of strings. */
json_t *report_id_parts(const json_t *doc);

/* Is one load in two of them, or twice in one? Says so in why. */
bool report_id_repeats(json_t *const *docs, unsigned n, char *why, unsigned whylen);

#endif
