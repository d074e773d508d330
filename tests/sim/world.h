/* SPDX-License-Identifier: BSD-3-Clause */
/* world: one server, its clients, the wire between them, and a clock that jumps
 * from one event to the next.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "client.h"
#include "service.h"
#include "wire.h"

#define WORLD_SERVICE_PORT 7

struct world {
	struct rig *rig;
	struct wire wire;
	struct rng rng;
	struct sessions sessions;
	struct client client[SESSIONS];
	unsigned nclients;
	uint32_t turn_us;   /* the shortest time between two turns */
	bool tight_buffers; /* at times there are none */
	/* Frames of the server to unknown hosts; may be NULL. */
	void (*stranger)(void *ctx, const struct rig_out *o);
	void *ctx;
};

/* The world's time starts at now_us. */
void world_create(
        struct world *w, const struct stack_conf *conf, uint64_t seed, uint64_t now_us);
/* Its port is SESSION_PORT + its number. */
void world_add_client(
        struct world *w, const struct client_conf *conf, const struct session_conf *session);
/* On to the next event. */
void world_step(struct world *w);
/* All clients are done or gone, and all sessions have ended. */
bool world_is_over(const struct world *w);
/* All clients are silent from now on. The server forgets, and must hold nothing. */
void world_settle(struct world *w, uint32_t ms);
void world_destroy(struct world *w);

uint64_t world_now_us(const struct world *w);

#endif
