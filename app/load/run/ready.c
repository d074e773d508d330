/* SPDX-License-Identifier: BSD-3-Clause */
/* Waits for the link and for the next hop before a load begins. */
#include "load/run/ready.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>

#include <rte_ethdev.h>

#include "base/defaults.h"
#include "drivers-glue/quirks.h"

#define SAY_AFTER_US 250000 /* a shorter wait is usual, and is not printed */

static bool
port_has_link(const struct app_port *p)
{
	struct rte_eth_link link = {0};

	return !p->removed && rte_eth_link_get_nowait(p->dev.id, &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

/* The next hop as the stack chooses it: an address outside the port's network is reached
 * through the gateway. */
static be32
next_hop_of(const struct config_port *p, be32 addr)
{
	bool far = ((addr ^ p->ip) & config_netmask(p->prefix_len)) != 0;

	return far && p->gateway != 0 ? p->gateway : addr;
}

/* -ENETUNREACH: no port leads to the address. */
static int
look_at_next_hop(struct ready *r, struct app *app)
{
	enum stack_route route = engine_route_to(app->engine, r->addr, &r->port);

	r->looked_us = engine_now(app->engine).us;
	if (route == STACK_ROUTE_NONE)
		return -ENETUNREACH;
	r->hop = next_hop_of(&app->config.port[r->port], r->addr);
	if (!port_has_link(&app->port[r->port]))
		r->state = READY_NO_LINK;
	else
		r->state = route == STACK_ROUTE_KNOWN ? READY : READY_NO_ANSWER;
	return 0;
}

static int
error_no_port(const struct ready *r, struct error *e)
{
	char text[ADDR_TEXT];

	error_set(e, 0,
	        "no port leads to %s: the address is in no port's network, and no port has a gateway",
	        addr_text(r->addr, text));
	return error_fix(e, -ENETUNREACH, "stop; set port N ip ADDR/LEN gateway ADDR; start");
}

int
ready_begin(struct ready *r, struct app *app, be32 addr, struct error *e)
{
	uint32_t wait_s = app->opt.load_wait_s != 0 ? app->opt.load_wait_s
	                                            : DEFAULT_LOAD_WAIT_S;

	*r = (struct ready) {.addr = addr};
	r->since_us = engine_now(app->engine).us;
	r->until_us = r->since_us + (uint64_t)wait_s * US_PER_SECOND;
	return look_at_next_hop(r, app) != 0 ? error_no_port(r, e) : 0;
}

const char *
ready_text(const struct ready *r, char text[READY_TEXT])
{
	char addr[ADDR_TEXT];

	if (r->state == READY_NO_LINK)
		snprintf(text, READY_TEXT, "port %u's link", r->port);
	else
		snprintf(text, READY_TEXT, "an answer to ARP for %s (port %u)",
		        addr_text(r->hop, addr), r->port);
	return text;
}

static void
say_waiting_for(struct ready *r, struct app *app, uint64_t now_us)
{
	char text[READY_TEXT];

	if (r->said[r->state] || now_us - r->since_us < SAY_AFTER_US)
		return;
	r->said[r->state] = true;
	app_unasked_begin(app);
	printf("waiting for %s, %u s at most\n", ready_text(r, text),
	        (unsigned)((r->until_us - now_us + US_PER_SECOND / 2) / US_PER_SECOND));
	fflush(stdout);
	app_unasked_end(app);
}

/* The kernel's interface at the other end of the port, as "hf0". False: the driver has none. */
static bool
port_kernel_end(const struct app *app, unsigned port, char name[IF_NAMESIZE])
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(app->port[port].dev.id, &info) == 0 &&
	       quirks_of(info.driver_name)->kernel_end && info.if_index != 0 &&
	       if_indextoname(info.if_index, name) != NULL;
}

/* The watch of ports (port_watch.h) has printed the cause before. */
static int
error_no_device(const struct ready *r, struct error *e)
{
	error_set(e, 0, "port %u has lost its network device: nothing was measured", r->port);
	return error_fix(e, -ENETDOWN, "quit, and start handfast again");
}

static int
error_no_link(const struct ready *r, const struct app *app, unsigned seconds, struct error *e)
{
	char name[IF_NAMESIZE];

	error_set(e, 0, "port %u had no link for %u s: nothing was measured", r->port, seconds);
	if (port_kernel_end(app, r->port, name))
		return error_fix(e, -ENETDOWN, "ip link set %s up", name);
	return error_fix(e, -ENETDOWN,
	        "check the cable and the other end (show port %u), or wait longer with --load-wait S",
	        r->port);
}

static int
error_no_answer(const struct ready *r, const struct app *app, unsigned seconds, struct error *e)
{
	const struct config_port *p = &app->config.port[r->port];
	char name[IF_NAMESIZE], hop[ADDR_TEXT];

	addr_text(r->hop, hop);
	error_set(e, 0, "no answer to ARP for %s (port %u) within %u s: nothing was measured",
	        hop, r->port, seconds);
	if (port_kernel_end(app, r->port, name))
		return error_fix(e, -EHOSTUNREACH,
		        "ip addr add %s/%u dev %s; ip link set %s up (or wait longer with --load-wait S)",
		        hop, p->prefix_len, name, name);
	return error_fix(e, -EHOSTUNREACH,
	        "check the address %s and that its host is up, or wait longer with --load-wait S",
	        hop);
}

int
ready_tend(struct ready *r, struct app *app, struct error *e)
{
	uint64_t now_us = engine_now(app->engine).us;
	unsigned seconds = (unsigned)((r->until_us - r->since_us) / US_PER_SECOND);

	if (r->state == READY || now_us < r->looked_us + READY_LOOK_US)
		return 0;
	if (look_at_next_hop(r, app) != 0)
		return error_no_port(r, e);
	if (r->state == READY)
		return 0;
	if (app->port[r->port].removed)
		return error_no_device(r, e);
	if (now_us >= r->until_us)
		return r->state == READY_NO_LINK ? error_no_link(r, app, seconds, e)
		                                 : error_no_answer(r, app, seconds, e);
	say_waiting_for(r, app, now_us);
	return 0;
}
