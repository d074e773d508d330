/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON objects printed as the rows of a table. */
#include "text/table.h"

#include <stdbool.h>
#include <string.h>

#define CELL    96
#define COLUMNS 24

static const char *
table_cell_text(const json_t *value, char text[CELL])
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return json_string_value(value);
	case JSON_INTEGER:
		snprintf(text, CELL, "%lld", (long long)json_integer_value(value));
		return text;
	case JSON_REAL:
		snprintf(text, CELL, "%.1f", json_real_value(value));
		return text;
	case JSON_TRUE:
		return "yes";
	case JSON_FALSE:
		return "no";
	case JSON_NULL:
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return "-";
}

static const char *
cell_at(const json_t *row, const char *key, char text[CELL])
{
	const json_t *value = json_object_get(row, key);

	return value == NULL ? "-" : table_cell_text(value, text);
}

static void
print_table_cell(FILE *f, const char *text, int width, bool right, bool last)
{
	if (right)
		fprintf(f, "%*s%s", width, text, last ? "\n" : "  ");
	else
		fprintf(f, "%-*s%s", last ? 0 : width, text, last ? "\n" : "  ");
}

void
table_print(FILE *f, const json_t *rows, const struct column *columns, unsigned n)
{
	int width[COLUMNS];
	bool right[COLUMNS];
	char text[CELL];
	size_t i;
	json_t *row;

	for (unsigned c = 0; c < n; c++) {
		width[c] = (int)strlen(columns[c].title);
		right[c] = json_is_number(
		        json_object_get(json_array_get(rows, 0), columns[c].key));
		json_array_foreach(rows, i, row)
		{
			int len = (int)strlen(cell_at(row, columns[c].key, text));

			width[c] = len > width[c] ? len : width[c];
		}
	}
	for (unsigned c = 0; c < n; c++)
		print_table_cell(f, columns[c].title, width[c], right[c], c == n - 1);
	json_array_foreach(rows, i, row)
	{
		for (unsigned c = 0; c < n; c++)
			print_table_cell(f, cell_at(row, columns[c].key, text), width[c],
			        right[c], c == n - 1);
	}
}

long long
member_int(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

const char *
member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}
