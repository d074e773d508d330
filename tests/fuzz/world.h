/* SPDX-License-Identifier: BSD-3-Clause */
/* world: a stack, its peers, and a judge that sees every frame that leaves.
 *
 * The world uses stack.h and the application's functions alone, and knows nothing of lib/tcp.
 *
 * Judged  after each turn: buffers, bounds of the kept buffers, answers to peers that have not
 *         proved their address. Each frame: sound, ours, and to a possible host. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "peers.h"
#include "puppet.h"
#include "script.h"
#include "stack/rig.h"

#define WORLD_ASKED 16

struct world {
	struct rig *r;
	struct stack_conf conf;
	struct stack_port port[RIG_PORTS];
	struct steer steer;
	struct cookie_masters masters;
	struct peers peers;
	struct puppet puppet;
	bool silent;       /* peers do not answer ARP by themselves */
	bool read_only;    /* frames that arrive may not be written to */
	bool draining;     /* and applications hear of it */
	unsigned drained;  /* turns since then */
	uint32_t waited;   /* turns that left frames waiting for their next hop */
	unsigned in;       /* frames of this turn */
	unsigned text_out; /* bytes sent in the turn, with text and without */
	unsigned bare_out;
	unsigned nasked;
	struct {
		be32 target;
		uint8_t port;
	} asked[WORLD_ASKED]; /* by ARP, to be answered */
};

void world_begin(struct world *w, const uint8_t settings[SCRIPT_SETTINGS]);
void world_step(struct world *w, const struct step *s);
/* Everything is given back, or it ends here. */
void world_end(struct world *w);

#endif
