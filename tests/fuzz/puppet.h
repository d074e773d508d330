/* SPDX-License-Identifier: BSD-3-Clause */
/* puppet: a service that obeys the peer's bytes. The first byte of arriving text is a command.
 * The service serves and opens, and uses most functions of hf_*.
 *
 * It judges its stack: events must have the order that handfast/handfast.h promises. */
#ifndef FUZZ_PUPPET_H
#define FUZZ_PUPPET_H

#include "handfast/handfast.h"

#define PUPPET_CONNS 256
#define PUPPET_PEERS 4    /* ports that are called, ... */
#define PUPPET_CALLS 7000 /* from this one on */

struct puppet_conn {
	struct hf_conn *c; /* NULL: this place is free */
	bool active;
	bool open;
	bool left; /* closed, lingering or aborted by us */
	bool told; /* that the stack drains */
	bool tell; /* the event that must be next */
	uint32_t sent;
	struct hf_buf *held;
};

struct puppet {
	uint8_t opened_does;
	uint8_t closed_does;
	uint8_t room_does;
	uint32_t near, far; /* the peers to which we open: on the link, and behind a gateway */
	uint32_t local;     /* 0, or from where */
	unsigned wants;     /* connections to open in the next turn */
	uint8_t calls_how;  /* with the number of each: call() in puppet.c */
	bool ending;        /* no new ones, and nothing is held any more */
	void (*hear_opened)(void *ctx, struct hf_addr local, struct hf_addr peer);
	void *ctx; /* hear_opened()'s */
	struct hf_core *core;
	struct puppet_conn conn[PUPPET_CONNS];
};

extern const struct hf_service puppet_service; /* conf: struct puppet */

/* The client ends: its connections end without an event. */
void puppet_forget_opened(struct puppet *p);
/* The open connections that may be used, and have not heard of a drain. */
unsigned puppet_untold(const struct puppet *p);
/* Connections that it has not seen closed. */
unsigned puppet_count(const struct puppet *p);

#endif
