/* SPDX-License-Identifier: BSD-3-Clause */
/* port_list: the ports that --ports names: "net_bonding0,0000:03:00.0" or "0,2-3".
 *
 * An item is the name of a device, as `show port` prints it, or a number or a range of
 * numbers in EAL's order, as for testpmd's --portlist.
 *
 * Threads  any.
 * Memory   none.
 * Errors   -EINVAL, with e filled in.
 * Bounds   a name has PORT_LIST_NAME - 1 bytes at most.
 */
#ifndef APP_PORT_LIST_H
#define APP_PORT_LIST_H

#include <stdbool.h>

#include "text/error.h"

#define PORT_LIST_NAME 64

struct port_item {
	char name[PORT_LIST_NAME]; /* "": the item is a range of numbers */
	unsigned first;
	unsigned last;
};

/* Takes the first item off *list. Returns 1, or 0 at the end of the list. */
int port_list_next(const char **list, struct port_item *item, struct error *e);
/* Reads every item, and returns the first error. */
int port_list_check(const char *list, struct error *e);

#endif
