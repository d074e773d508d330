/* SPDX-License-Identifier: BSD-3-Clause */
/* port_list: the ports that --ports names: "net_bonding0,0000:03:00.0" or "0,2-3".
 *
 * An item is the name of a device, as `show port` tells it, or a number or range of
 * numbers in EAL's order, as testpmd's --portlist has it.
 *
 * Errors  -EINVAL, with e filled in.
 */
#ifndef APP_PORT_LIST_H
#define APP_PORT_LIST_H

#include <stdbool.h>

#include "text/error.h"

#define PORT_LIST_NAME 64

struct port_item {
	char name[PORT_LIST_NAME]; /* "": numbers */
	unsigned first, last;
};

/* Take the first item off *list. 1; 0: there is none left. */
int port_list_next(const char **list, struct port_item *item, struct error *e);
/* Is all of it readable? */
int port_list_check(const char *list, struct error *e);

#endif
