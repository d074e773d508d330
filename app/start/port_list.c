/* SPDX-License-Identifier: BSD-3-Clause */
/* The value of --ports, read item by item. */
#include "start/port_list.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MOST 65535

/* Reads "3" or "2-5"; any other text is a name. */
static bool
read_numbers(const char *text, struct port_item *item)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	item->first = item->last = (unsigned)strtoul(text, &end, 10);
	if (*end == '-' && isdigit((unsigned char)end[1]))
		item->last = (unsigned)strtoul(end + 1, &end, 10);
	return *end == '\0';
}

int
port_list_next(const char **list, struct port_item *item, struct error *e)
{
	size_t len = strcspn(*list, ",");
	char text[PORT_LIST_NAME];

	if (**list == '\0')
		return 0;
	if (len == 0 || len >= sizeof(text) || (*list)[len + ((*list)[len] == ',')] == ',' ||
	        ((*list)[len] == ',' && (*list)[len + 1] == '\0')) {
		error_set(e, 0, "--ports: '%s' is not a list of ports", *list);
		return error_fix(
		        e, -EINVAL, "--ports NAME,NAME or --ports 0,2-3, without spaces");
	}
	memcpy(text, *list, len);
	text[len] = '\0';
	*list += len + ((*list)[len] == ',');
	*item = (struct port_item) {.name = ""};
	if (!read_numbers(text, item)) {
		memcpy(item->name, text, len + 1);
		return 1;
	}
	if (item->first <= item->last && item->last <= NUMBER_MOST)
		return 1;
	error_set(e, 0, "--ports: '%s' is not a range of port numbers", text);
	return error_fix(e, -EINVAL, "--ports 0,2-3: in a range, the lower number comes first");
}

int
port_list_check(const char *list, struct error *e)
{
	struct port_item item;
	int got;

	if (*list == '\0') {
		error_set(e, 0, "--ports: the list is empty");
		return error_fix(e, -EINVAL, "--ports NAME,NAME or --ports 0,2-3");
	}
	do
		got = port_list_next(&list, &item, e);
	while (got > 0);
	return got;
}
