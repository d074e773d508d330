/* SPDX-License-Identifier: BSD-3-Clause */
/* world: a stack, its peers, and the judge who sees every frame that leaves.
 *
 * It rests on stack.h and the application's functions alone: how lib/tcp does it
 * is not its business.
 *
 * Judged  after each turn: buffers, bounds of what is held, answers to whom has not
 *         proved where it is; each frame: sound, ours, to somebody who can be.
 */
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
	bool silent;       /* nobody answers ARP by himself */
	bool read_only;    /* frames that arrive may not be written to */
	bool draining;     /* and applications hear of it */
	unsigned drained;  /* turns since then */
	uint32_t waited;   /* turns that left frames waiting for their next hop */
	unsigned in;       /* frames of this turn */
	unsigned text_out; /* ... and sent in it: with text, and without */
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
