/* SPDX-License-Identifier: BSD-3-Clause */
/* private: what a stack is made of; for lib/stack only. */
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
	struct stack *stack; /* for the cache's asking */
	uint8_t index;
	uint8_t offload;   /* FRAME_* of what is sent */
	uint64_t mac_word; /* conf.mac, as its first bytes */
	struct syn_ack_template syn_ack;
	struct waiting waiting;
};

struct stack {
	struct tcp tcp;
	struct counters count;
	struct stack_io io;
	int node;
	uint32_t max_neighbours; /* of each port; 0: by what is on its link */
	uint64_t bytes;
	uint32_t source_first; /* addresses that connections are opened from, host order */
	uint32_t source_count;
	unsigned nports; /* up to the highest that is set */
	uint32_t neigh_due_ms;
	bool neigh_settled;  /* nothing was due any more when they were looked at */
	uint64_t settled_us; /* when nothing was due any more, to a second */
	uint32_t held_back;  /* turns since timers were looked at */

	bool shared; /* another core handed on what is being handled */

	struct answers echoes;
	struct answers arp_answers;
	struct answers errors_away;  /* ICMP errors for another core */
	struct answers errors_round; /* ... nobody knows which */

	/* MAC of the segment that is being handled: the way back; 0: none is */
	uint8_t peer_mac[ETH_ALEN];

	unsigned ntx;
	struct frame tx[STACK_TX]; /* all of one port */
	unsigned nstash;
	struct frame stash[STACK_STASH]; /* empty frames */

	hf_frame_fn frames; /* an application's, for frames that are not served; or NULL */
	void *frames_arg;

	struct stack_if port[LIMIT_PORTS];
};

/* Frames. False: it was not sent, and does not wait for its next hop's MAC
 * either; that is counted. */
bool stack_emit(void *below, const struct tcp_out *o);
void stack_answer_syns(void *below, struct seg *const *s, const struct cookie *c, unsigned n);
bool stack_frame_take(struct stack *st, struct frame *f);
/* Where the next frame of this port is described; it counts once committed. */
struct frame *stack_frame_next(struct stack *st, uint8_t port);
static inline void
stack_frame_commit(struct stack *st)
{
	st->ntx++;
}
void stack_flush(struct stack *st);
/* Which of them take nothing now? */
void stack_look_at_ports(struct stack *st);
/* Make sure that s may be written to; false: there is no buffer. */
bool stack_own(struct stack *st, struct seg *s);
/* Send what was made in place in s; offload: FRAME_*. */
void stack_answer(struct stack *st, struct seg *s, uint8_t offload);

/* Outside a turn. */
void stack_keep_time(struct stack *st, struct clock now);

/* Packets that are not TCP. */
enum drop stack_arp(struct stack *st, struct seg *s);
enum drop stack_icmp(struct stack *st, struct seg *s);
enum drop stack_other(struct stack *st, struct seg *s);
void stack_arp_ask(void *port, be32 target, const uint8_t *dst);

/* TCP's way to other cores: s is of no flow and no listener here. True: another core may have
 * it, and *why says what became of it. */
bool stack_hand_over(void *below, struct seg *s, enum drop *why);

/* An ICMP error that quotes this flow, which is not ours. */
enum drop stack_error_away(struct stack *st, struct seg *s, const struct flow_key *quoted);

/* Sources that cannot be on this port. */
bool stack_is_martian(const struct stack_port *p, be32 src);

static inline bool
stack_is_source(const struct stack *st, be32 addr)
{
	return be32_to_cpu(addr) - st->source_first < st->source_count;
}

/* Is it ours on this port (strong host model)? */
static inline bool
stack_is_local(const struct stack *st, const struct stack_port *p, be32 addr)
{
	return p->ip != 0 && (addr == p->ip || stack_is_source(st, addr));
}

/* The port whose route to raddr is the most specific one (RFC 1812 5.2.4.3), of equals
 * the first; or -ENETUNREACH. */
int stack_find_port(const struct stack *st, be32 raddr);

/* How many next hops this port may have, by default. */
uint32_t stack_neighbours(uint32_t max_conns, const struct stack_port *p);

/* Who on the link takes what goes to raddr. */
be32 stack_next_hop(const struct stack_port *p, be32 raddr);

#endif
