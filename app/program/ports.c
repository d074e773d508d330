/* SPDX-License-Identifier: BSD-3-Clause */
/* The choice of ports, the pools of packet buffers, and opening of the ports. */
#include "program/ports.h"

#include <string.h>

#include <rte_ethdev.h>

#include "base/defaults.h"
#include "program/port_watch.h"
#include "start/port_list.h"

/* buffers in bursts and in the caches of the worker and the main core */
#define POOL_BUSY   2048
#define POOL_QUEUES 2048 /* buffers in the descriptors of a port, both directions */
#define KEPT_LEAST  256

/* EAL's numbers of the chosen ports, in the program's order. */
struct chosen {
	unsigned n;
	uint16_t id[LIMIT_PORTS];
};

static const char *
read_port_name(uint16_t id, char name[RTE_ETH_NAME_MAX_LEN])
{
	if (rte_eth_dev_get_name_by_port(id, name) != 0)
		name[0] = '\0';
	return name;
}

/* Writes "net_tap0 (0), net_tap1 (1)": the ports that --ports may name. */
static void
list_ports(char *text, size_t size)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	size_t used = 0;
	uint16_t id;

	text[0] = '\0';
	RTE_ETH_FOREACH_DEV(id)
	{
		if (used < size && !port_is_member(id))
			used += (size_t)snprintf(text + used, size - used, "%s%s (%u)",
			        used > 0 ? ", " : "", read_port_name(id, name), id);
	}
}

static int
refuse_without_ports(struct error *e)
{
	error_set(e, 0, "EAL found no network device");
	return error_fix(e, EXIT_ENVIRONMENT,
	        "--vdev=net_tap0,iface=hf0 before `--`, or -a PCI-ADDRESS of a NIC bound to vfio-pci (dpdk-devbind.py --status)");
}

static int
refuse_port(const char *what, struct error *e)
{
	char list[256];

	list_ports(list, sizeof(list));
	error_set(e, 0, "--ports: EAL has no port %s", what);
	return error_fix(e, EXIT_USAGE, "choose from these ports: --ports %s", list);
}

static int
choose_port(struct chosen *c, uint16_t id, struct error *e)
{
	char name[RTE_ETH_NAME_MAX_LEN], list[256];

	read_port_name(id, name);
	if (port_is_member(id)) {
		list_ports(list, sizeof(list));
		error_set(e, 0, "--ports: %s is a member of a bond", name);
		return error_fix(e, EXIT_USAGE, "choose from these ports: --ports %s", list);
	}
	for (unsigned i = 0; i < c->n; i++) {
		if (c->id[i] == id)
			return error_set(e, EXIT_USAGE, "--ports: %s is named twice", name);
	}
	if (c->n == LIMIT_PORTS) {
		error_set(
		        e, 0, "EAL found more than %d ports, which is the limit", LIMIT_PORTS);
		return error_fix(e, EXIT_USAGE, "choose fewer with --ports LIST behind `--`");
	}
	c->id[c->n++] = id;
	return 0;
}

static int
choose_item(struct chosen *c, const struct port_item *item, struct error *e)
{
	char number[16];
	uint16_t id;
	int code = 0;

	if (item->name[0] != '\0') {
		if (rte_eth_dev_get_port_by_name(item->name, &id) != 0)
			return refuse_port(item->name, e);
		return choose_port(c, id, e);
	}
	for (unsigned n = item->first; n <= item->last && code == 0; n++) {
		snprintf(number, sizeof(number), "%u", n);
		code = n <= UINT16_MAX && rte_eth_dev_is_valid_port((uint16_t)n)
		               ? choose_port(c, (uint16_t)n, e)
		               : refuse_port(number, e);
	}
	return code;
}

static int
choose_ports(const struct app *app, struct chosen *c, struct error *e)
{
	const char *list = app->opt.ports;
	struct port_item item;
	uint16_t id;
	int code = 0;

	while (list != NULL && code == 0) {
		int got = port_list_next(&list, &item, e);

		if (got <= 0)
			return got < 0 ? EXIT_USAGE : 0;
		code = choose_item(c, &item, e);
	}
	if (list != NULL)
		return code;
	RTE_ETH_FOREACH_DEV(id)
	{
		if (!port_is_member(id) && (code = choose_port(c, id, e)) != 0)
			return code;
	}
	return 0;
}

/* The buffers that may be kept for long. The rest must suffice to receive the segments that
 * free them. */
static uint32_t
max_kept_buffers(unsigned pool, unsigned nports)
{
	uint32_t spare = (pool - POOL_BUSY - POOL_QUEUES * nports) / 2;

	return spare < DEFAULT_KEPT ? spare : DEFAULT_KEPT;
}

static int
refuse_pool(const struct app *app, unsigned n, unsigned least, struct error *e)
{
	unsigned mib = port_pool_mib(n, app->nworkers);
	char more[PORT_MORE_MEMORY];

	error_set(e, 0,
	        "EAL has too little memory for %u packet buffers on each of %u core%s (%u MiB in all)",
	        n, app->nworkers, app->nworkers == 1 ? "" : "s", mib);
	if (n > least)
		return error_fix(e, EXIT_ENVIRONMENT, "%s, or --pool-size %u behind `--`",
		        port_more_memory(mib, more), least);
	return error_fix(e, EXIT_ENVIRONMENT, "%s", port_more_memory(mib, more));
}

static int
make_pools(struct app *app, unsigned nports, struct error *e)
{
	unsigned least = POOL_BUSY + POOL_QUEUES * nports + 2 * KEPT_LEAST;
	unsigned n = app->opt.pool_size;

	if (n == 0)
		n = DEFAULT_POOL + DEFAULT_POOL_PER_PORT * nports;
	if (n < least) {
		error_set(e, 0, "--pool-size %u is too small for %u port%s", n, nports,
		        nports == 1 ? "" : "s");
		return error_fix(e, EXIT_USAGE, "--pool-size %u", least);
	}
	app->max_kept = max_kept_buffers(n, nports);
	for (unsigned i = 0; i < app->nworkers; i++) {
		struct app_worker *w = &app->worker[i];

		w->pool = port_pool_try(w->lcore, n);
		if (w->pool == NULL)
			return refuse_pool(app, n, least, e);
	}
	return 0;
}

static int
open_port(struct app *app, uint16_t id, struct error *e)
{
	struct app_port *p = &app->port[app->nports];
	struct rte_mempool *pool[LIMIT_WORKERS];

	for (unsigned i = 0; i < app->nworkers; i++)
		pool[i] = app->worker[i].pool;
	if (port_open(id, app->nworkers, pool, &p->dev, &p->notes) != 0)
		return error_set(
		        e, EXIT_ENVIRONMENT, "port %u could not be opened", app->nports);
	p->dev.id = id;
	port_watch_begin(p);
	app->nports++;
	return 0;
}

/* Runs before the pools are made, because fewer cores need less memory. */
static int
check_queues(const struct app *app, const struct chosen *c, struct error *e)
{
	for (unsigned i = 0; i < c->n; i++) {
		unsigned most = port_queues(c->id[i]);
		char name[RTE_ETH_NAME_MAX_LEN];

		if (app->nworkers <= most)
			continue;
		error_set(e, 0, "port %u (%s) has %u queue pair%s, and %u cores need one each",
		        i, read_port_name(c->id[i], name), most, most == 1 ? "" : "s",
		        app->nworkers);
		if (most <= 1)
			return error_fix(e, EXIT_USAGE,
			        "use one worker core: -l 0 or -l 0,1 before `--` (the first of several cores is no worker)");
		return error_fix(e, EXIT_USAGE,
		        "use fewer cores: -l 0-%u before `--` (the first core is no worker)",
		        most);
	}
	return 0;
}

int
ports_open(struct app *app, struct error *e)
{
	struct chosen c = {.n = 0};
	int code;

	if (rte_eth_dev_count_avail() == 0)
		return refuse_without_ports(e);
	port_gather_members(app->nworkers);
	code = choose_ports(app, &c, e);
	if (code == 0 && c.n == 0)
		code = refuse_without_ports(e);
	if (code == 0)
		code = check_queues(app, &c, e);
	if (code == 0)
		code = make_pools(app, c.n, e);
	for (unsigned i = 0; i < c.n && code == 0; i++)
		code = open_port(app, c.id[i], e);
	app->config.nports = app->nports;
	return code;
}

void
ports_close(struct app *app)
{
	for (unsigned i = 0; i < app->nports; i++)
		port_close(app->port[i].dev.id);
}
