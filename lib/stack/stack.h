/* SPDX-License-Identifier: BSD-3-Clause */
/* stack: one core's TCP/IP, without a NIC under it.
 *
 * It takes parsed packets, finds their connections, lets lib/tcp handle them,
 * answers ARP and ICMP, and writes frames into buffers that the engine lends.
 *
 * Threads    one instance per core; no function is thread-safe. Counters may be
 *            read from anywhere.
 * Memory     all of it at creation; a port's neighbours when the port is set.
 * Time       handed in with stack_turn_begin(); the same for the whole turn. Where there
 *            was no turn for weeks it passes in steps, one a turn, so that all that is
 *            due on the way is done as it would have been.
 * Errors     set-up returns 0 or -errno, without a message: the caller knows what it asked for.
 */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "handfast/handfast.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "neigh/neigh.h"
#include "syn/keys.h"
#include "syn/mode.h"
#include "tcp/end.h"
#include "wire/seg.h"
#include "wire/steer.h"

/* A frame to be sent. */
struct frame {
	void *buf;     /* the engine's handle */
	uint8_t *data; /* its Ethernet header */
	uint16_t len;
	uint16_t room; /* bytes that the buffer has from data on */
	uint8_t port;
	uint8_t offload; /* FRAME_*: what the port must still do */
	bool stranger;   /* for who has no connection: the first to go for want of room */
};

#define FRAME_CSUM_IP  0x01
#define FRAME_CSUM_TCP 0x02 /* the pseudo-header's sum is in its place */

/* What the engine does for a stack. */
struct stack_io {
	void *ctx;
	/* Fill buf, data and room of n frames; returns how many it could. */
	unsigned (*alloc)(void *ctx, struct frame *f, unsigned n);
	/* Release buffers that were moved out of segments or allocated. */
	void (*free)(void *ctx, void **bufs, unsigned n);
	/* Send, or keep for later, and take the buffers in any case; returns n less
	 * what was lost because a queue was full. All have the same port. */
	unsigned (*transmit)(void *ctx, uint8_t port, const struct frame *f, unsigned n);
	/* A bit for each port that keeps frames for later: the stack makes none there
	 * that can wait. NULL: there are no such ports. */
	const uint32_t *backlogged;
	/* s is of a flow of this other core's: copy it there (s stays as it is, with
	 * s->round). False: it is lost. NULL: there is no other core. */
	bool (*hand_over)(void *ctx, unsigned core, const struct seg *s);
};

/* One port as the stack sees it. Addresses in network order. */
struct stack_port {
	uint8_t mac[ETH_ALEN];
	be32 ip; /* 0: this port has no address and answers nothing */
	be32 netmask;
	be32 gateway; /* 0: none; on the link, also where the netmask does not say so */
	uint16_t mtu; /* of IP datagrams */
	bool offload_ip;
	bool offload_tcp;
	const struct steer *steer; /* borrowed; NULL: there is one core */
};

/* 0 means the default in brackets, a number of base/defaults.h. */
struct stack_conf {
	uint32_t max_conns;         /* connections [DEFAULT_CONNS] */
	bool refuse_when_full;      /* SYNs beyond them: reset [false: no answer] */
	uint32_t max_half_open;     /* and of those in SYN-RECEIVED, 64 bytes each [1 /
	                               DEFAULT_HALF_OPEN_PART] */
	uint32_t syn_rate;          /* SYNs a second that no ACK follows, and that are no flood
	                               [DEFAULT_SYN_RATE] */
	enum syn_cookie syn_cookie; /* see syn/mode.h [auto] */
	/* Cookies' master keys, copied; borrowed beacon: both shared by the cores that
	 * answer for the same address (syn/keys.h). NULL: this core is alone. */
	const struct cookie_masters *cookie_masters;
	struct cookie_beacon *cookie_beacon;
	uint32_t max_time_wait; /* [as max_conns]; the oldest goes when full */
	/* MACs of next hops, of each port [as max_conns, but no more than its network has
	 * addresses if it has a gateway; DEFAULT_NEIGHBOURS_MIN to DEFAULT_NEIGHBOURS_MAX] */
	uint32_t max_neighbours;
	uint32_t max_kept;      /* packet buffers held by queues and services [DEFAULT_KEPT] */
	uint32_t rcv_wnd;       /* bytes offered at first [DEFAULT_RCV_WND] */
	uint32_t msl_ms;        /* TIME-WAIT lasts twice as long [DEFAULT_MSL_MS] */
	uint32_t fin_wait_2_ms; /* once the application is gone [DEFAULT_FIN_WAIT_2_MS] */
	uint32_t orphan_ms;     /* before that, for a peer that takes less than 500 bytes a
	                           second of what is queued [DEFAULT_ORPHAN_MS] */
	uint32_t rto_min_ms;    /* [DEFAULT_RTO_MIN_MS; RFC 6298 2.4 says 1,000 SHOULD] */
	uint32_t syn_retries;   /* SYN-ACKs sent again before giving up [DEFAULT_SYN_RETRIES] */
	uint32_t connect_retries; /* SYNs: RFC 9293 3.8.3 has 3 minutes
	                             [DEFAULT_CONNECT_RETRIES] */
	uint32_t retries;         /* R2: retransmissions before giving up [DEFAULT_RETRIES] */
	uint32_t rst_per_s;       /* resets to strangers, and of each other kind of answer as
	                             many; one source gets a share (base/answers.h)
	                             [DEFAULT_ANSWERS_PER_S] */
	uint8_t dscp;             /* code point of what is sent, up to 63 [0], and its ... */
	uint8_t ttl;   /* time to live [64]: of TCP, unless a connection has its own */
	uint8_t offer; /* options of our SYNs, SEG_OPT_* [HANDSHAKE_OPTIONS] */
	const char *congestion_control; /* by its name (tcp/cc.h) [newreno] */
	unsigned core;                  /* which of steer's cores this one is */
	/* What connections are opened from, if not from a port's own address:
	 * answered for in ARP on every port. Host order. */
	uint32_t source_first;
	uint32_t source_count;          /* at most LIMIT_SOURCES; 0: none */
	uint16_t port_first, port_last; /* source ports [DEFAULT_SOURCE_PORT_MIN to
	                                   DEFAULT_SOURCE_PORT_MAX] */
	uint8_t secret[16];             /* all-zero: drawn from the kernel */
};

struct stack;

int stack_create(struct stack **st, const struct stack_conf *conf, const struct stack_io *io,
        int numa_node, struct clock now);
/* Connections are forgotten without a word; see stack_abort_all(). */
void stack_destroy(struct stack *st);

/* The memory that the neighbours of such a port take, of each stack. */
uint64_t stack_neigh_bytes(const struct stack_conf *conf, const struct stack_port *p);

/* Outside a turn. */
int stack_set_port(
        struct stack *st, uint8_t port, const struct stack_port *p, struct clock now);
/* addr 0: any address of ours. port in network order. -EADDRINUSE, -ENOSPC,
 * -EINVAL (port 0), or what the service's create() failed with. */
int stack_listen(struct stack *st, be32 addr, be16 port, const struct hf_service *service,
        const void *conf);

/* An instance of a service that opens connections (hf_connect()) in its turn().
 * *self: the instance; self may be NULL. Errors as of stack_listen(), but none of a port. */
int stack_client(
        struct stack *st, const struct hf_service *service, const void *conf, void **self);
/* Reset what it has open, without a word to it, and destroy it, in one go however long
 * that takes: where no turn waits (tests, benches). self is not NULL. */
void stack_client_end(struct stack *st, void *self, struct clock now);
/* Some of it, for less than 100 us; true: call again, after a turn. *at: 0 at first. From
 * the first call on self is told nothing; at the end it is destroyed. */
bool stack_client_end_some(struct stack *st, void *self, uint32_t *at, struct clock now);

/* Does the next hop to addr answer? Asks if that is not known, and asks again each second
 * for as long as this is called. */
enum stack_route {
	STACK_ROUTE_NONE,   /* no port leads there */
	STACK_ROUTE_ASKING, /* ask again in some milliseconds */
	STACK_ROUTE_FAILED, /* nobody answers ARP */
	STACK_ROUTE_KNOWN,
};
enum stack_route stack_route_to(struct stack *st, be32 addr, uint8_t *port, struct clock now);

/* One turn: stack_turn_begin(), stack_input() for each burst, stack_turn_end(). */
void stack_turn_begin(struct stack *st, struct clock now);

/* Handle a burst of parsed segments (seg[i].kind says what, buf, port, room
 * are set; SEG_NONE is passed over). What the stack does not keep is left in
 * seg[i].buf for the caller to free. n <= LIMIT_BURST. */
void stack_input(struct stack *st, struct seg *seg, unsigned n);

/* The same for what another core received and handed on: it stays here. */
void stack_input_shared(struct stack *st, struct seg *seg, unsigned n);

/* Expire timers, let connections speak that have something to say, transmit
 * all frames. more: packets are waiting, so what a timer waits for may be among
 * them; timers are held back then, for some turns. Returns true if anything was
 * done. */
bool stack_turn_end(struct stack *st, bool more);

/* Outside a turn. The time of day is so much ahead of what turns are given, which must be
 * the one when the stack is created and only go on: see docs/decisions/0018-two-clocks.md. */
void stack_set_day(struct stack *st, int64_t ahead_us);
/* As of refuse_when_full. */
void stack_set_when_full(struct stack *st, bool refuse);
void stack_set_syn_cookie(struct stack *st, enum syn_cookie set, struct clock now);
/* Copied; cookies under the old ones hold until the next epoch ends. */
void stack_set_cookie_keys(
        struct stack *st, const struct cookie_masters *masters, struct clock now);

/* Outside a turn. New connections are refused from now on. Those that are there go on, and
 * their applications hear draining(), some in each turn; a handshake that was under way may
 * be completed, and hears it, too. ms: how long it will be; 0: it drains no more. */
void stack_set_draining(struct stack *st, uint32_t ms, struct clock now);
/* Outside a turn: as of tcp_owed_some(). */
bool stack_owed_some(const struct stack *st, struct tcp_owed *x);
/* Outside a turn: RST to some connections, as of tcp_abort_some(), which the next turn
 * transmits. True: call again, after a turn. */
bool stack_abort_some(struct stack *st, struct tcp_end *x, struct clock now);
/* RST to every connection, where no turn will follow: transmits, and drops what waits for
 * its next hop. */
void stack_abort_all(struct stack *st, struct clock now);

/* Which connections are to be ended: those of peers in peer.addr/mask, on one port or on
 * any (0), with one address and port of ours or with any (local.port 0). */
struct stack_close {
	struct hf_addr peer;
	be32 mask;
	struct hf_addr local;
	uint32_t at;     /* 0 at first: how far it has come */
	uint32_t closed; /* connections that have been ended */
};

/* Ends some of them, by RST, and their applications hear HF_ABORTED; outside a turn, for
 * 100 us or so. One connection that is named in full is looked up. True: call again. */
bool stack_close_some(struct stack *st, struct stack_close *x, struct clock now);

/* As of hf_frames(). */
int stack_set_frames(struct stack *st, hf_frame_fn fn, void *arg);

struct counters *stack_counters(struct stack *st);
/* What an application calls this stack. */
struct hf_core *stack_core(struct stack *st);

/* What it holds now. */
struct stack_usage {
	uint32_t conns;
	uint32_t half_open;
	uint32_t time_wait;
	uint32_t timers;      /* armed */
	uint32_t kept;        /* packet buffers held */
	uint32_t send_queued; /* send descriptors in use */
	uint32_t reasm_queued;
	uint32_t waiting; /* frames whose next hop has not answered ARP yet */
	uint64_t bytes;   /* memory taken at creation, and for neighbours */
};

struct stack_usage stack_usage(const struct stack *st);

/* How SYNs are answered now, for show. */
struct stack_syn {
	enum syn_cookie set;
	bool stateless;
	uint32_t half_open;
	uint32_t half_open_max;
	uint32_t rate; /* SYNs a second that no ACK followed, lately */
	uint32_t rate_max;
	uint64_t to_stateless; /* changes, ever */
	uint64_t to_stateful;
	uint32_t stateless_for_ms; /* 0: it is not */
	uint32_t quiet_ms;         /* stateless: since when nothing speaks against records */
	bool accepts;              /* ACKs are checked for cookies */
	uint32_t epoch;
	uint32_t epoch_left_ms;
	uint32_t key_id; /* of the master that this epoch's key is from */
	unsigned keys;   /* masters */
	bool keys_shared;
};

struct stack_syn stack_syn(const struct stack *st);

/* One connection, for show. */
struct stack_conn_info {
	struct hf_addr peer;
	struct hf_addr local;
	const char *state; /* the RFC's name, "ESTABLISHED" */
	const char *service;
	uint64_t age_ms;
	uint32_t snd_queued; /* bytes not acknowledged */
	uint32_t snd_wnd;
	uint32_t rcv_wnd;
	uint32_t cwnd;
	uint32_t srtt_us;
	uint32_t mss;
	uint8_t retransmissions; /* in a row */
};

/* Connections in this state (NULL: all; case as the RFC's), TIME-WAIT among them; at
 * most max of them. Begins with the rest all zero. */
struct stack_listing {
	const char *state;
	struct stack_conn_info *out;
	uint32_t max;
	uint32_t n;     /* that were written */
	uint32_t total; /* how many there are, once it is done */
	unsigned part;  /* private: where it stands */
	uint32_t at;
};

/* Go on, outside a turn, for less than 100 us; true: there is more. Turns may come in
 * between, so what moves meanwhile may be there twice, or not at all, and a state's
 * total is of no single moment. */
bool stack_list_some(const struct stack *st, struct stack_listing *l);

/* All of it in one go, however long that takes: where no turn waits (tests, benches).
 * Returns how many were written. */
uint32_t stack_conns(const struct stack *st, const char *state, struct stack_conn_info *out,
        uint32_t max, uint32_t *total);

/* All state names, NULL at the end: for completion and messages. */
extern const char *const stack_state_names[];

struct stack_listener_info {
	be32 addr;
	be16 port;
	const char *service;
	uint64_t accepted;
	uint32_t open;
};

bool stack_listener_at(const struct stack *st, unsigned i, struct stack_listener_info *out);
/* The i-th neighbour of a port; false past the last. A search, for tests: others list. */
bool stack_neigh_at(const struct stack *st, uint8_t port, unsigned i, struct neigh_entry *out);
/* Some of them at a time: as neigh_list(). */
unsigned stack_neigh_list(const struct stack *st, uint8_t port, uint32_t *at,
        struct neigh_entry *out, unsigned most);

#endif
