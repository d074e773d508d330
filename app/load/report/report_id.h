/* SPDX-License-Identifier: BSD-3-Clause */
/* report_id: the id of the load that a report describes, so that no load is counted twice.
 *
 * A load gets a random id when it begins, and all its reports have it, also those of `show
 * load`. A merged report lists the ids of its parts. A report of an older version has no id and
 * is identified by its content.
 *
 * Threads    any.
 * Ownership  returned arrays are new references.
 * Errors     true from report_id_repeats(), with a text.
 */
#ifndef APP_LOAD_REPORT_ID_H
#define APP_LOAD_REPORT_ID_H

#include <jansson.h>
#include <stdbool.h>

#define REPORT_ID 40 /* a UUID of random bits (RFC 9562 5.4), with its NUL */

/* Makes an id. It is "" if the kernel gives no random bits. */
void report_id_make(char id[REPORT_ID]);

/* The ids of all loads that the document counts: a new array of strings. */
json_t *report_id_parts(const json_t *doc);

/* Do the documents count a load twice? `why` then names it. */
bool report_id_repeats(json_t *const *docs, unsigned n, char *why, unsigned whylen);

#endif
