/* SPDX-License-Identifier: BSD-3-Clause */
/* stack: one core's TCP/IP, without a NIC under it.
 *
 * It takes parsed packets, finds their connections, lets lib/tcp handle them, answers ARP and
 * ICMP, and writes frames into buffers that the engine lends.
 *
 * Threads    one instance for each core; no function is thread-safe. Counters may be read from
 *            anywhere.
 * Ownership  services, steer tables, the cookie beacon and ctx are borrowed. A buffer that the
 *            stack keeps is moved out of its segment.
 * Memory     all of it at creation; a port's neighbours when the port is set.
 * Errors     set-up returns 0 or -errno, without a message: the caller knows what it asked for.
 * Bounds     LIMIT_PORTS ports, LIMIT_USERS listeners and clients, and the numbers of
 *            struct stack_conf. A function that ends in _some works for 100 us at
 *            most.
 * Calls back? a turn calls the services' events, and stack_io. Functions that end connections
 *            call closed().
 * Time       stack_turn_begin() sets it for the whole turn. After weeks without a turn time
 *            passes in steps, one a turn, so that everything that is due in between happens.
 */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "handfast/core.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "neigh/neigh.h"
#include "syn/keys.h"
#include "syn/mode.h"
#include "tcp/end.h"
#include "wire/seg.h"
#include "wire/steer.h"

/* A frame to send. */
struct frame {
	void *buf;     /* the engine's handle */
	uint8_t *data; /* its Ethernet header */
	uint16_t len;
	uint16_t room; /* bytes of the buffer from data on */
	uint8_t port;
	uint8_t offload; /* FRAME_*: checksums that the port must make */
	bool stranger; /* to a peer without a connection: the first to go when there is no room
	                */
};

#define FRAME_CSUM_IP  0x01
#define FRAME_CSUM_TCP 0x02 /* the checksum field holds the sum of the pseudo-header */

/* The services of the engine for a stack. */
struct stack_io {
	void *ctx;
	/* Fill buf, data and room of n frames. Returns the number of frames that got a buffer.
	 */
	unsigned (*alloc)(void *ctx, struct frame *f, unsigned n);
	/* Release buffers that were moved out of segments or allocated. */
	void (*free)(void *ctx, void **bufs, unsigned n);
	/* Send, or keep for later. The buffers are taken in any case. Returns n less the
	 * frames that were lost because a queue was full. All frames have the same port. */
	unsigned (*transmit)(void *ctx, uint8_t port, const struct frame *f, unsigned n);
	/* A bit for each port that keeps frames for later. The stack makes no frames there that
	 * can wait. NULL: no port keeps frames. */
	const uint32_t *backlogged;
	/* s belongs to a flow of another core: copy it there, with s->round. s stays as it is.
	 * False: the copy is lost. NULL: there is no other core. */
	bool (*hand_over)(void *ctx, unsigned core, const struct seg *s);
};

/* One port as the stack sees it. Addresses in network order. */
struct stack_port {
	uint8_t mac[ETH_ALEN];
	be32 ip; /* 0: this port has no address and answers nothing */
	be32 netmask;
	be32 gateway; /* 0: none; it is on the link, even if the netmask says otherwise */
	uint16_t mtu; /* of IP datagrams */
	bool offload_ip;
	bool offload_tcp;
	const struct steer *steer; /* borrowed; NULL: there is one core */
};

/* 0 means the default in brackets, a number of base/defaults.h. */
struct stack_conf {
	uint32_t max_conns;    /* connections [DEFAULT_CONNS] */
	bool refuse_when_full; /* reset SYNs that find no record [false: no answer] */
	/* Half-open records, 64 bytes each [max_conns / DEFAULT_HALF_OPEN_PART] */
	uint32_t max_half_open;
	/* A flood begins at this many SYNs a second that no ACK follows [DEFAULT_SYN_RATE] */
	uint32_t syn_rate;
	enum syn_cookie syn_cookie; /* see syn/mode.h [auto] */
	/* Master keys of cookies, copied, and the beacon, borrowed. The cores that answer for
	 * the same address share both (syn/keys.h). NULL: this core is alone. */
	const struct cookie_masters *cookie_masters;
	struct cookie_beacon *cookie_beacon;
	uint32_t max_time_wait; /* TIME-WAIT records; the oldest makes room [max_conns] */
	/* MACs of next hops for each port [max_conns, but with a gateway no more than the
	 * port's network has addresses; DEFAULT_NEIGHBOURS_MIN to DEFAULT_NEIGHBOURS_MAX] */
	uint32_t max_neighbours;
	uint32_t max_kept; /* packet buffers that queues and services may hold [DEFAULT_KEPT] */
	uint32_t rcv_wnd;  /* bytes of the first window offered [DEFAULT_RCV_WND] */
	uint32_t msl_ms;   /* TIME-WAIT lasts twice as long [DEFAULT_MSL_MS] */
	uint32_t fin_wait_2_ms; /* FIN-WAIT-2 without an application [DEFAULT_FIN_WAIT_2_MS] */
	/* Queued text without an application, for a peer that takes less than 500 bytes a
	 * second [DEFAULT_ORPHAN_MS] */
	uint32_t orphan_ms;
	uint32_t rto_min_ms;  /* [DEFAULT_RTO_MIN_MS; RFC 6298 2.4 says 1,000 SHOULD] */
	uint32_t syn_retries; /* SYN-ACKs sent again before giving up [DEFAULT_SYN_RETRIES] */
	/* SYNs sent again; RFC 9293 3.8.3 has 3 minutes [DEFAULT_CONNECT_RETRIES] */
	uint32_t connect_retries;
	uint32_t retries; /* retransmissions before giving up, R2 [DEFAULT_RETRIES] */
	/* Resets to strangers, and as many answers of each other kind. One source gets a share
	 * (base/answers.h). [DEFAULT_ANSWERS_PER_S] */
	uint32_t rst_per_s;
	uint8_t dscp;  /* code point of TCP, up to 63 [0] */
	uint8_t ttl;   /* time to live of TCP, unless a connection has its own [64] */
	uint8_t offer; /* options of our SYNs, SEG_OPT_* [HANDSHAKE_OPTIONS] */
	const char *congestion_control; /* its name (tcp/cc.h) [newreno] */
	unsigned core;                  /* the number of this core among those of steer */
	/* Addresses that connections may be opened from, beside the ports' own. ARP answers for
	 * them on every port. Host order. */
	uint32_t source_first;
	uint32_t source_count; /* at most LIMIT_SOURCES; 0: none */
	/* Source ports [DEFAULT_SOURCE_PORT_MIN to DEFAULT_SOURCE_PORT_MAX] */
	uint16_t port_first, port_last;
	uint8_t secret[16]; /* all 0: the kernel's random bytes are used */
};

struct stack;

int stack_create(struct stack **st, const struct stack_conf *conf, const struct stack_io *io,
        int numa_node, struct clock now);
/* Connections end without a reset and without an event; see stack_abort_all(). */
void stack_destroy(struct stack *st);

/* The memory of each stack for the neighbours of such a port. */
uint64_t stack_neigh_bytes(const struct stack_conf *conf, const struct stack_port *p);

/* Set the addresses of a port, outside a turn. -EINVAL, -ENOSPC, -ENOMEM. */
int stack_set_port(
        struct stack *st, uint8_t port, const struct stack_port *p, struct clock now);
/* Listen, outside a turn. addr 0: all addresses of ours. port is in network order. -EADDRINUSE,
 * -ENOSPC, -EINVAL (port 0), or the error of the service's create(). */
int stack_listen(struct stack *st, be32 addr, be16 port, const struct hf_service *service,
        const void *conf);

/* Create an instance of a service that opens connections (hf_connect()) in its turn(). *self is
 * the instance; self may be NULL. Errors: those of stack_listen() that do not concern a port.
 */
int stack_client(
        struct stack *st, const struct hf_service *service, const void *conf, void **self);
/* Reset the connections of a client without an event to it, and destroy it. It takes as long as
 * it takes: for tests and benches, where no turn waits. self is not NULL. */
void stack_client_end(struct stack *st, void *self, struct clock now);
/* The same in portions of less than 100 us. True: call again, after a turn. *at is 0 at first.
 * From the first call on the client hears no event; at the end it is destroyed. */
bool stack_client_end_some(struct stack *st, void *self, uint32_t *at, struct clock now);

/* Does the next hop to addr answer ARP? If that is not known, ask, and ask again each second
 * for as long as this function is called. */
enum stack_route {
	STACK_ROUTE_NONE,   /* no port leads there */
	STACK_ROUTE_ASKING, /* ask again in some milliseconds */
	STACK_ROUTE_FAILED, /* no answer to ARP */
	STACK_ROUTE_KNOWN,
};
enum stack_route stack_route_to(struct stack *st, be32 addr, uint8_t *port, struct clock now);

/* One turn: stack_turn_begin(), stack_input() for each burst, stack_turn_end(). */
void stack_turn_begin(struct stack *st, struct clock now);

/* Handle a burst of parsed segments. kind, buf, port and room of each are set; SEG_NONE is
 * skipped. A buffer that the stack does not keep stays in seg[i].buf, and the caller frees it.
 * n <= LIMIT_BURST. */
void stack_input(struct stack *st, struct seg *seg, unsigned n);

/* The same for segments that another core received and handed over. They go no further. */
void stack_input_shared(struct stack *st, struct seg *seg, unsigned n);

/* Expire timers, let connections send that have something to send, transmit all frames. more:
 * packets are waiting, and an ACK that a timer waits for may be among them. Timers are held
 * back then, for some turns. Returns true if anything was done. */
bool stack_turn_end(struct stack *st, bool more);

/* Outside a turn: the time of day is ahead of the time of turns by ahead_us. The time of turns
 * was the time of day when the stack was created, and never runs back:
 * docs/decisions/0018-monotonic-clock-and-time-of-day.md. */
void stack_set_day(struct stack *st, int64_t ahead_us);
/* Change refuse_when_full. */
void stack_set_when_full(struct stack *st, bool refuse);
void stack_set_syn_cookie(struct stack *st, enum syn_cookie set, struct clock now);
/* masters is copied. Cookies under the former masters hold until the next epoch ends. */
void stack_set_cookie_keys(
        struct stack *st, const struct cookie_masters *masters, struct clock now);

/* Outside a turn: refuse new connections from now on. Open connections go on, and their
 * applications hear draining(), some in each turn. A handshake that was under way may be
 * completed, and its application hears draining(), too. ms: the length of the drain; 0: the
 * drain ends. */
void stack_set_draining(struct stack *st, uint32_t ms, struct clock now);
/* tcp_owed_some(), outside a turn. */
bool stack_owed_some(const struct stack *st, struct tcp_owed *x);
/* tcp_abort_some(), outside a turn: reset some connections. True: call again, after a turn. */
bool stack_abort_some(struct stack *st, struct tcp_end *x, struct clock now);
/* Reset every connection, where no turn will follow: transmit, and drop frames that wait for
 * their next hop. It takes as long as it takes. */
void stack_abort_all(struct stack *st, struct clock now);

/* The connections to end: those of peers in peer.addr/mask with one port or with any port (0),
 * and with one address and port of ours or with any (local.port 0). */
struct stack_close {
	struct hf_addr peer;
	be32 mask;
	struct hf_addr local;
	uint32_t at;     /* the next record to examine, 0 at first */
	uint32_t closed; /* connections that were ended */
};

/* Outside a turn: reset some of these connections. Their applications hear HF_ABORTED. A
 * connection that is named in full is looked up. True: call again. */
bool stack_close_some(struct stack *st, struct stack_close *x, struct clock now);

/* As of hf_frames(). */
int stack_set_frames(struct stack *st, hf_frame_fn fn, void *arg);

struct counters *stack_counters(struct stack *st);
/* The handle of this stack for applications. */
struct hf_core *stack_core(struct stack *st);

/* The records and buffers in use now. */
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

/* The present way to answer SYNs, for `show`. */
struct stack_syn {
	enum syn_cookie set;
	bool stateless;
	uint32_t half_open;
	uint32_t half_open_max;
	uint32_t rate; /* SYNs a second that no ACK followed, in the last window */
	uint32_t rate_max;
	uint64_t to_stateless;     /* changes to cookies since creation */
	uint64_t to_stateful;      /* changes to records since creation */
	uint32_t stateless_for_ms; /* 0: records are kept */
	uint32_t quiet_ms;         /* time without a sign of a flood */
	bool accepts;              /* ACKs are checked for cookies */
	uint32_t epoch;
	uint32_t epoch_left_ms;
	uint32_t key_id; /* the master of this epoch's key */
	unsigned keys;   /* the number of masters */
	bool keys_shared;
};

struct stack_syn stack_syn(const struct stack *st);

/* One connection, for `show`. */
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

/* A list of connections in one state, TIME-WAIT among them, or in all (NULL). The caller sets
 * state, out and max; the rest is 0 at first. */
struct stack_listing {
	const char *state;
	struct stack_conn_info *out;
	uint32_t max;
	uint32_t n;     /* connections written to out */
	uint32_t total; /* all connections in this state, once the list is done */
	unsigned part;  /* private: conns, half-open records or TIME-WAIT */
	uint32_t at;    /* private: the next record of this part */
};

/* Go on with the list, outside a turn, for less than 100 us. True: there is more. Turns may
 * come in between. A connection that changes its state meanwhile may be listed twice, or not at
 * all, and the total of a state belongs to no single moment. */
bool stack_list_some(const struct stack *st, struct stack_listing *l);

/* The whole list in one call. It takes as long as it takes: for tests and benches, where no
 * turn waits. Returns the number of connections written. */
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
/* The i-th neighbour of a port. False: past the last. Each call searches: for tests. */
bool stack_neigh_at(const struct stack *st, uint8_t port, unsigned i, struct neigh_entry *out);
/* neigh_list() of a port: some neighbours for each call. */
unsigned stack_neigh_list(const struct stack *st, uint8_t port, uint32_t *at,
        struct neigh_entry *out, unsigned most);

#endif
