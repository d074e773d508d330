/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of text. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "text/table.h"

Test(table, numbers_to_the_right_words_to_the_left_null_as_a_dash)
{
	static const struct column columns[] = {{"name", "name"}, {"n", "count"}, {"up", "up"}};
	json_t *rows = json_pack("[{s:s, s:i, s:b}, {s:s, s:i, s:n}]", "name", "alpha", "n", 5,
	        "up", 1, "name", "b", "n", 1234567, "up");
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	table_print(f, rows, columns, 3);
	fclose(f);
	cr_expect_str_eq(text, "name     count  up\n"
	                       "alpha        5  yes\n"
	                       "b      1234567  -\n");
	free(text);
	json_decref(rows);
}

Test(table, no_rows_is_a_heading)
{
	static const struct column columns[] = {{"name", "name"}, {"n", "count"}};
	json_t *rows = json_array();
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	table_print(f, rows, columns, 2);
	fclose(f);
	cr_expect_str_eq(text, "name  count\n");
	free(text);
	json_decref(rows);
}
