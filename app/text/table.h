/* SPDX-License-Identifier: BSD-3-Clause */
/* table: an array of JSON objects as columns of text.
 *
 * Threads    any.
 * Ownership  the caller keeps the JSON; member_text() returns text inside of it.
 * Bounds     a table has 24 columns at most.
 */
#ifndef APP_TABLE_H
#define APP_TABLE_H

#include <jansson.h>
#include <stdio.h>

struct column {
	const char *key;
	const char *title;
};

/* A column is aligned to the right if its first row holds a number, otherwise to the left.
 * A missing member, null, an object and an array are printed as "-". */
void table_print(FILE *f, const json_t *rows, const struct column *columns, unsigned n);

/* The member of that name; 0 or "" if there is none. */
long long member_int(const json_t *object, const char *key);
const char *member_text(const json_t *object, const char *key);

#endif
