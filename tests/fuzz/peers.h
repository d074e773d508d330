/* SPDX-License-Identifier: BSD-3-Clause */
/* peers: the stack's segments on each flow, as its peer knows them. Turns a script's offsets
 * into numbers, and counts the bytes in and out of each flow in a turn.
 *
 * Bounds  PEERS_MAX flows; the oldest is forgotten. */
#ifndef FUZZ_PEERS_H
#define FUZZ_PEERS_H

#include "base/clock.h"
#include "wire/seg.h"

#define PEERS_MAX 64

struct peer_flow {
	struct flow_key key; /* as the stack has it: raddr is the peer's */
	uint32_t iss;
	uint32_t next; /* behind the highest that the stack sent */
	uint32_t acks; /* the number that it acknowledged last */
	uint32_t tsval;
	bool said;    /* the stack sent a SYN: iss and next count */
	bool acked;   /* acks counts */
	bool half;    /* said, in an earlier turn */
	bool opened;  /* by the stack */
	bool proved;  /* the peer acknowledged the SYN: it is where it says */
	bool settled; /* by a segment that is no SYN */
	bool scales;  /* our SYN said so */
	bool offered; /* edge counts */
	bool asked;   /* it said SYN, and the stack's has not been heard since */
	bool fresh;   /* another connection began in this turn, by an ACK alone */
	bool learned; /* iss is from the first segment of a connection whose SYN was not heard
	               */
	uint32_t lost_then; /* peers.lost, when the stack's SYN was heard last */
	uint8_t wscale;
	uint32_t edge; /* the right one of the windows that the peer ever offered */
	bool guessed;  /* guess was acknowledged before anything was said */
	uint32_t guess;
	/* this turn's */
	uint32_t in_bytes, out_bytes, in_frames, in_resets, out_resets;
	uint32_t syn_bytes; /* of out_bytes: one SYN's */
};

struct peers {
	struct peer_flow flow[PEERS_MAX];
	unsigned n;    /* ever */
	bool cookies;  /* an ACK may open a connection, with options of its own */
	bool late;     /* frames have waited for their next hop: they may come out of order */
	uint32_t lost; /* frames that the stack had no buffer for, or the port no room */
};

/* Its connection may be another than the one that was heard: the SYN of it found no
 * buffer, or the port no room for it. Numbers and windows of the one before say nothing. */
bool peers_unheard(const struct peers *p, const struct peer_flow *f);
/* The stack's application was told of a connection: an ACK alone may have opened it. */
void peers_opened(struct peers *p, const struct flow_key *k);

/* A TCP segment that the stack sends. */
void peers_hear(struct peers *p, const struct seg *s);
/* One that it gets. */
void peers_speak(struct peers *p, const struct seg *s);
/* Another turn. */
void peers_turn(struct peers *p);
/* Read the offsets as `how` says. */
void peers_patch(
        const struct peers *p, uint8_t *frame, unsigned len, uint8_t how, struct clock now);

#endif
