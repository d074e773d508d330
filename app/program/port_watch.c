/* SPDX-License-Identifier: BSD-3-Clause */
/* A periodic look at the kernel's network devices behind the ports. */
#include "program/port_watch.h"

#include <stdio.h>

#include <rte_ethdev.h>

void
port_watch_begin(struct app_port *p)
{
	struct rte_eth_dev_info info;

	p->if_index = 0;
	if (rte_eth_dev_info_get(p->dev.id, &info) == 0 && info.if_index != 0 &&
	        if_indextoname(info.if_index, p->if_name) != NULL)
		p->if_index = info.if_index;
}

static void
check_port_device(struct app *app, unsigned i)
{
	struct app_port *p = &app->port[i];
	const struct where here = {NULL, 0};
	char name[IF_NAMESIZE];
	struct error e;

	if (p->if_index == 0 || p->removed || if_indextoname(p->if_index, name) != NULL)
		return;
	p->removed = true;
	error_set(&e, 0,
	        "port %u has lost its network device: %s was removed, so the port receives and sends nothing",
	        i, p->if_name);
	error_fix(&e, 0, "end this program and start it again");
	app_unasked_begin(app);
	fflush(stdout);
	error_print(stderr, app->prompt != NULL ? &here : NULL, &e);
	app_unasked_end(app);
}

void
port_watch_tend(struct app *app)
{
	uint64_t now_us = app_now_us();

	if (now_us - app->watched_us < US_PER_SECOND)
		return;
	app->watched_us = now_us;
	for (unsigned i = 0; i < app->nports; i++)
		check_port_device(app, i);
}
