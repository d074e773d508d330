/* SPDX-License-Identifier: BSD-3-Clause */
/* demo_server: a web server on a core of its own, and two ports that are wired to each other.
 * The server owns one port; the other one has no owner and is the program's.
 *
 * Threads    the main core.
 * Ownership  the struct is the caller's; demo_server_stop() frees its contents.
 * Memory     EAL's.
 * Errors     an exit code, with e filled in.
 */
#ifndef APP_DEMO_SERVER_H
#define APP_DEMO_SERVER_H

#include "engine/engine.h"
#include "service/services.h"
#include "text/error.h"

struct rte_ring;

/* RFC 2544 reserves 198.18.0.0/15 for such tests. The server reaches the client's source
 * addresses by its gateway, which is the client's port. */
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
	int client_port; /* EAL's number of the client's port; -1: none */
};

/* `conns` is the number of connections that the client will have open. */
int demo_server_start(struct demo_server *s, unsigned lcore, unsigned conns, struct error *e);
void demo_server_stop(struct demo_server *s);

#endif
