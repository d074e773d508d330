/* SPDX-License-Identifier: BSD-3-Clause */
/* demo_server: a web server on a core of its own, and two ports that are wired
 * to each other: its own, and one that is left for the program (the only one
 * that nobody owns).
 *
 * Threads  the main core's.
 */
#ifndef APP_DEMO_SERVER_H
#define APP_DEMO_SERVER_H

#include "engine/engine.h"
#include "service/services.h"
#include "text/error.h"

struct rte_ring;

/* 198.18.0.0/15 is for such tests (RFC 2544). The server knows the client's
 * addresses behind the gateway, which is the client's port. */
#define DEMO_SERVER  cpu_to_be32(0xc6120001) /* 198.18.0.1 */
#define DEMO_CLIENT  cpu_to_be32(0xc6120002)
#define DEMO_PREFIX  24
#define DEMO_SOURCES cpu_to_be32(0xc6130000) /* 198.19.0.0 */

struct demo_server {
	struct engine *engine;
	struct rte_mempool *pool;
	struct rte_ring *ring[2];
	struct engine_port port;
	struct http_conf http;
	int client_port; /* ethdev; -1: none */
};

/* 0 or an exit code. conns: that the client will have open. */
int demo_server_start(struct demo_server *s, unsigned lcore, unsigned conns, struct error *e);
void demo_server_stop(struct demo_server *s);

#endif
