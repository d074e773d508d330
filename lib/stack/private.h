/* SPDX-License-Identifier: BSD-3-Clause */
/* private: the parts of a stack, for lib/stack only.
 *
 * Threads    the stack's core.
 * Ownership  a frame in tx[] or stash[] owns its buffer. stack_answer() and stack_emit() move
 *            the buffer of a segment out of it and set seg.buf to NULL.
 * Memory     struct stack is allocated once; a port's neighbours when the port is set.
 * Errors     enum drop, or false where the loss has been counted.
 * Bounds     STACK_TX frames wait for transmit(), STACK_STASH empty ones are kept.
 */
#ifndef STACK_PRIVATE_H
#define STACK_PRIVATE_H

#include "stack/stack.h"
#include "stack/waiting.h"
#include "tcp/tcp.h"
#include "wire/syn_ack.h"

#define STACK_TX    64
#define STACK_STASH 32

struct stack_if {
	struct stack_port conf;
	struct neigh *neigh;
	struct stack *stack; /* for stack_arp_ask(), which gets the port alone */
	uint8_t index;
	uint8_t offload;   /* FRAME_* of frames from here */
	uint64_t mac_word; /* its first bytes are conf.mac */
	struct syn_ack_template syn_ack;
	struct waiting waiting;
};

struct stack {
	struct tcp tcp;
	struct counters count;
	struct stack_io io;
	int node;
	uint32_t max_neighbours; /* for each port; 0: chosen by the hosts on its link */
	uint64_t bytes;
	uint32_t source_first; /* the first address of those that connections are opened
	                          from, host order */
	uint32_t source_count;
	unsigned nports; /* up to the highest that is set */
	uint32_t neigh_due_ms;
	bool neigh_settled;  /* no neighbour was due any more when they were last examined */
	uint64_t settled_us; /* the last time at which nothing at all was due, to a second */
	uint32_t held_back;  /* turns since timers were last examined */

	bool shared; /* another core handed over the segment that is being handled */

	struct answers echoes;
	struct answers arp_answers;
	struct answers errors_away;  /* ICMP errors for one other core */
	struct answers errors_round; /* ICMP errors that go from core to core */

	/* The MAC that the segment being handled came from; 0: no segment is being handled */
	uint8_t peer_mac[ETH_ALEN];

	unsigned ntx;
	struct frame tx[STACK_TX]; /* all for one port */
	unsigned nstash;
	struct frame stash[STACK_STASH]; /* empty frames */

	hf_frame_fn frames; /* an application's, for frames that are not served; or NULL */
	void *frames_arg;

	struct stack_if port[LIMIT_PORTS];
};

/* emit.c */

/* struct tcp's emit. False: the segment was not sent and does not wait for its next hop's MAC
 * either. The loss is counted. */
bool stack_emit(void *below, const struct tcp_out *o);
/* struct tcp's answer_syns: write a SYN-ACK over each SYN. A SYN that has no room for it keeps
 * its buffer. */
void stack_answer_syns(void *below, struct seg *const *s, const struct cookie *c, unsigned n);

/* frames.c */

/* An empty frame. False: there is no buffer, which is counted. */
bool stack_frame_take(struct stack *st, struct frame *f);
/* The place for the next frame of this port. The frame counts once it is committed. */
struct frame *stack_frame_next(struct stack *st, uint8_t port);
static inline void
stack_frame_commit(struct stack *st)
{
	st->ntx++;
}
/* Transmit all frames. */
void stack_flush(struct stack *st);
/* Tell TCP which ports take nothing now. */
void stack_look_at_ports(struct stack *st);
/* Make s writable: it moves to a new buffer if its own is shared or too small. False: there is
 * no buffer, which is counted. */
bool stack_own(struct stack *st, struct seg *s);
/* Send the answer that was written over s. offload: FRAME_*. */
void stack_answer(struct stack *st, struct seg *s, uint8_t offload);

/* Set the time outside a turn. */
void stack_keep_time(struct stack *st, struct clock now);

/* Packets that are not TCP. */
enum drop stack_arp(struct stack *st, struct seg *s);
enum drop stack_icmp(struct stack *st, struct seg *s);
enum drop stack_other(struct stack *st, struct seg *s);
void stack_arp_ask(void *port, be32 target, const uint8_t *dst);

/* struct tcp's hand_over: s belongs to no flow and no listener here. True: another core may
 * have the flow, and *why says what became of s. */
bool stack_hand_over(void *below, struct seg *s, enum drop *why);

/* Handle an ICMP error that quotes a flow which is not ours. */
enum drop stack_error_away(struct stack *st, struct seg *s, const struct flow_key *quoted);

/* Can no packet on this port have this source? */
bool stack_is_martian(const struct stack_port *p, be32 src);

static inline bool
stack_is_source(const struct stack *st, be32 addr)
{
	return be32_to_cpu(addr) - st->source_first < st->source_count;
}

/* Is the address ours on this port (strong host model)? */
static inline bool
stack_is_local(const struct stack *st, const struct stack_port *p, be32 addr)
{
	return p->ip != 0 && (addr == p->ip || stack_is_source(st, addr));
}

/* route.c */

/* The port whose route to raddr is the most specific one (RFC 1812 5.2.4.3). Of equal ones the
 * first counts. -ENETUNREACH: no port has a route. */
int stack_find_port(const struct stack *st, be32 raddr);

/* The default number of next hops that this port may have. */
uint32_t stack_neighbours(uint32_t max_conns, const struct stack_port *p);

/* The host on the link that takes packets to raddr. */
be32 stack_next_hop(const struct stack_port *p, be32 raddr);

#endif
