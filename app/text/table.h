/* SPDX-License-Identifier: BSD-3-Clause */
/* table: an array of JSON objects as columns of text. */
#ifndef APP_TABLE_H
#define APP_TABLE_H

#include <jansson.h>
#include <stdio.h>

struct column {
	const char *key;
	const char *title;
};

/* Columns whose first row has a number stand to the right, all others to the left; what is
 * missing is "-", as are null, objects and arrays. */
void table_print(FILE *f, const json_t *rows, const struct column *columns, unsigned n);

/* Members, for texts: 0 or "" if there is none of that name. */
long long member_int(const json_t *object, const char *key);
const char *member_text(const json_t *object, const char *key);

#endif
