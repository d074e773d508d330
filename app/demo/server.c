/* SPDX-License-Identifier: BSD-3-Clause */
/* The demo's web server, and the two ports that are wired to each other. */
#include "demo/server.h"

#include <string.h>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_ring.h>

#include "base/defaults.h"
#include "drivers-glue/port.h"
#include "program/config.h"

#define PACKETS    32767
#define RING_LEAST 4096
#define BODY_BYTES 64

static int
set_no_demo_memory(struct error *e, const char *what)
{
	error_set(e, 0, "no memory is left for %s", what);
	return error_fix(
	        e, EXIT_ENVIRONMENT, "end other programs: the demo needs about 600 MB");
}

/* Makes two ports; each receives the packets that the other sends. */
static int
make_demo_ports(struct demo_server *s, unsigned conns, struct error *e)
{
	unsigned slots = rte_align32pow2(RTE_MAX(4 * conns, (unsigned)RING_LEAST));
	unsigned flags = RING_F_SP_ENQ | RING_F_SC_DEQ;
	struct rte_eth_dev_owner owner = {.name = "demo server"};
	int id;

	s->ring[0] = rte_ring_create("demo_to_server", slots, SOCKET_ID_ANY, flags);
	s->ring[1] = rte_ring_create("demo_to_client", slots, SOCKET_ID_ANY, flags);
	if (s->ring[0] == NULL || s->ring[1] == NULL)
		return set_no_demo_memory(e, "rings");
	id = rte_eth_from_rings("demo_server", &s->ring[0], 1, &s->ring[1], 1, 0);
	s->client_port = rte_eth_from_rings("demo_client", &s->ring[1], 1, &s->ring[0], 1, 0);
	if (id < 0 || s->client_port < 0)
		return set_no_demo_memory(e, "ports");
	s->port.id = (uint16_t)id;
	if (rte_eth_dev_owner_new(&owner.id) != 0 ||
	        rte_eth_dev_owner_set(s->port.id, &owner) != 0)
		return error_set(e, EXIT_ENVIRONMENT, "the server's port could not be owned");
	return 0;
}

static int
make_demo_engine(struct demo_server *s, unsigned lcore, unsigned conns, struct error *e)
{
	struct engine_conf conf = {.nports = 1, .nworkers = 1};

	if (port_open(s->port.id, 1, &s->pool, &s->port, NULL) != 0)
		return error_set(e, EXIT_ENVIRONMENT, "the server's port could not be opened");
	s->port.net.ip = DEMO_SERVER;
	s->port.net.netmask = config_netmask(DEMO_PREFIX);
	s->port.net.gateway = DEMO_CLIENT;
	conf.stack.max_conns = conns + conns / 4 + 1024;
	conf.stack.max_half_open = conf.stack.max_conns;
	conf.stack.max_time_wait = DEFAULT_CONNS;
	conf.stack.max_kept = DEFAULT_KEPT;
	conf.port[0] = s->port;
	conf.lcore[0] = lcore;
	conf.pool[0] = s->pool;
	if (engine_create(&s->engine, &conf) != 0) {
		s->engine = NULL;
		return set_no_demo_memory(e, "the server");
	}
	return 0;
}

int
demo_server_start(struct demo_server *s, unsigned lcore, unsigned conns, struct error *e)
{
	int code;

	memset(s, 0, sizeof(*s));
	s->client_port = -1;
	if (http_conf_init(&s->http) != 0 || http_conf_body(&s->http, BODY_BYTES) != 0)
		return set_no_demo_memory(e, "a page");
	s->pool = port_pool(lcore, PACKETS + 2 * conns);
	if (s->pool == NULL)
		return set_no_demo_memory(e, "packets");
	code = make_demo_ports(s, conns, e);
	if (code == 0)
		code = make_demo_engine(s, lcore, conns, e);
	if (code != 0)
		return code;
	if (engine_listen(s->engine, 0, cpu_to_be16(80), &service_http, &s->http) != 0 ||
	        engine_start(s->engine) != 0)
		return error_set(e, EXIT_ENVIRONMENT, "the server did not start");
	return 0;
}

void
demo_server_stop(struct demo_server *s)
{
	if (s->engine != NULL) {
		engine_stop(s->engine);
		engine_destroy(s->engine);
		port_close(s->port.id);
	}
	if (s->http.body != NULL)
		http_conf_free(&s->http);
	memset(s, 0, sizeof(*s));
}
