/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp: one core's TCP (RFC 9293), without IP under it.
 *
 * The layer below lends IP, the link and packet buffers as functions, at the end of struct tcp.
 *
 * Threads    single writer.
 * Memory     all of it at creation.
 * Ownership  tcp_segment() moves s->buf where it sets it to NULL. A service instance of
 *            tcp_listen() and tcp_client() is destroyed with its user.
 * Errors     0 or -errno at set-up. The packet path returns enum drop: the reason for which a
 *            segment, or a part of it, was discarded. The caller counts it.
 * Time       t->now, set once a turn by the stack.
 * Bounds     the constants below. The functions that take `most` do that much work in a turn.
 * Calls back? tcp_segment(), tcp_icmp_error(), tcp_expire(), tcp_speak*(), tcp_take_turns() and
 *            tcp_client_end*(). May end the connection? the same functions.
 */
#ifndef TCP_TCP_H
#define TCP_TCP_H

#include "handfast/handfast.h"
#include "base/answers.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/seq.h"
#include "conn/pool.h"
#include "syn/cookie.h"
#include "syn/half_open.h"
#include "syn/mode.h"
#include "tcp/conn.h"
#include "tcp/crowd.h"
#include "tcp/end.h"
#include "tcp/ports.h"
#include "tcp/pressure.h"
#include "tcp/resent.h"
#include "tcp/time_wait.h"
#include "wire/build.h"
#include "wire/steer.h"

#define TCP_MSS_DEFAULT 536   /* RFC 9293 3.7.1 */
#define TCP_MSS_MIN     64    /* a peer with a smaller MSS gets no connection */
#define TCP_RTO_INIT_MS 1000  /* RFC 6298 2.1 */
#define TCP_RTO_MAX_MS  60000 /* RFC 6298 2.5 */
#define TCP_R1          3     /* RFC 9293 3.8.3, SHLD-10 */
#define TCP_DSCP_MAX    63
#define TCP_DSCP_SHIFT  2   /* ECN (RFC 3168) has the lower bits */
#define TCP_SENDS_MAX   256 /* descriptors of one connection */
#define TCP_REASM_MIN   256 /* least limit of waiting pieces of one connection */
#define TCP_REASM_BYTES 512 /* bytes of window for one more piece */
#define TCP_RUNS_MAX    32  /* runs of one connection */
#define TCP_TINY_MAX    32  /* tiny pieces of one connection */
#define TCP_TINY        128 /* bytes; a shorter piece is tiny */
#define TCP_QUEUED_MAX  (1u << 30)
#define TCP_NO_USER     255 /* a tcp_conn.user that is none */
#define TCP_RANGES_MAX  40
#define TCP_ADDRS_MAX   32768 /* tw_record has 15 bits for one of them */

/* The record that a flow table slot refers to. */
#define REF_CONN      0x00000000u
#define REF_TIME_WAIT 0x40000000u
#define REF_HALF_OPEN 0x80000000u
#define REF_KIND      0xc0000000u
#define REF_INDEX     0x3fffffffu

_Static_assert(
        TCP_MSS_DEFAULT + sizeof(struct ipv4_hdr) + sizeof(struct tcp_hdr) == IPV4_MTU_MIN,
        "RFC 9293 3.7.1");
_Static_assert(LIMIT_CONNS - 1 <= REF_INDEX, "each record has a reference");
_Static_assert(LIMIT_USERS <= TCP_NO_USER, "tcp_conn.user names each user, or none");
_Static_assert(LIMIT_SOURCES + LIMIT_PORTS <= TCP_ADDRS_MAX, "each address has an index");

/* A TCP user (RFC 9293 3.9.1) hears of connections. It is a listener, or a service that opens
 * connections. */
struct tcp_user {
	be32 addr;       /* address of a listener; 0: any of ours */
	be16 port;       /* port of a listener; 0: the user opens connections */
	uint8_t next;    /* next listener of the same port; TCP_NO_USER at the end */
	bool instance;   /* `self` is destroyed with the user */
	bool leaving;    /* it hears no more of its connections */
	bool unlistened; /* it takes no new connections; its place is free when `open` is 0 */
	uint32_t
	        rcv_wnd; /* window of a listener's connections in bytes; 0: the stack's value */
	uint32_t idle_ms;                 /* silence after which deadline() comes; 0: none */
	const struct hf_service *service; /* its events; NULL: this place is free */
	const struct hf_service *was;     /* with `leaving`: the service that destroys `self` */
	void *self;
	uint64_t opened; /* completed handshakes, ever */
	uint32_t open;
	uint32_t opening; /* connections of ours whose handshake is not complete */
	uint16_t neigh;   /* neighbour index of the next hop of its last SYN */
};

/* A contiguous range of our addresses. */
struct tcp_range {
	uint32_t first; /* host order */
	uint32_t count;
	uint32_t base; /* index of the first address */
};

/* The route to a peer. */
struct tcp_route {
	be32 laddr; /* our address */
	uint8_t port;
	const struct steer *steer; /* NULL: all answers come to this core */
};

struct cc;
struct hf_listen_conf;
struct hf_timer;

struct tcp_conf {
	uint32_t max_conns;
	uint32_t max_half_open;
	uint32_t max_time_wait;
	uint32_t syn_rate; /* unanswered SYN-ACKs per second below which there is no flood */
	enum syn_cookie syn_cookie;
	uint32_t max_kept;
	uint32_t rcv_wnd;
	uint32_t msl_ms;
	uint32_t fin_wait_2_ms;
	uint32_t orphan_ms;
	uint32_t rto_min_ms;
	uint32_t syn_retries;
	uint32_t connect_retries;
	uint32_t retries;
	uint32_t rst_per_s;
	unsigned core; /* number of this core, as in struct steer */
	uint16_t port_first, port_last;
	uint8_t offer; /* options of our SYNs, SEG_OPT_* */
	uint8_t tos;   /* TOS of each segment */
	uint8_t ttl;   /* TTL of each segment; 0: IPV4_TTL */
	bool refuse; /* a SYN that finds no room is reset, instead of left without an answer */
	const struct cc *cc; /* congestion control; NULL: the default */
};

/* SYNs of this burst that get a cookie. All cookies are computed together. */
struct tcp_syns {
	unsigned n;
	struct seg *seg[LIMIT_BURST];
};

/* Connections whose text waits for a port, first come, first served. The times say when the
 * port had no room, for timers that ran meanwhile. */
struct tcp_waiting {
	uint32_t first; /* POOL_NONE: no connection waits */
	uint32_t last;
	uint32_t full_ms; /* start of the present time without room, if the port is full */
	uint32_t from_ms, to_ms; /* the longest recent time without room that has ended */
};

struct tcp {
	struct clock now;
	int64_t day_us;       /* time of day minus now.us */
	int64_t ts_day_us;    /* day_us as timestamps use it; see tcp_set_day() */
	uint32_t ts_ahead_ms; /* ts_day_us in ms */
	struct counters *count;
	struct tcp_conf conf;

	struct half_opens half;
	struct syn_mode syn;
	struct cookie_keys cookies;
	struct tcp_syns syns;

	struct pool conns;
	struct tcp_rare *rare; /* same index as conns */
	struct flow_table table;
	uint32_t inserted_before; /* table.inserted at the last flows_look_ahead() */
	struct wheel wheel;
	struct time_wait tw;
	struct pool sends;
	struct pool pieces;
	struct pool losses;
	uint32_t loss_hand; /* index of the next record of `losses` to examine when all are
	                       taken */

	uint32_t pending;          /* first connection that wants to speak */
	uint32_t speaking;         /* first connection to speak in this turn */
	uint32_t full_ports;       /* bit set of the ports that take no text now */
	uint32_t kept;             /* packet buffers in queues and with services */
	struct tcp_conn *current;  /* connection whose segment or timer is being handled */
	void **delivering;         /* handle of the buffer that data() is reading */
	struct tcp_conn *offering; /* connection whose held text data() is reading; or NULL */
	bool refusing;             /* no new connections: the stack drains or stops */
	bool draining;             /* applications are told that the stack drains */
	uint32_t drain_end_ms;     /* end of draining, for applications that ask */
	uint32_t drain_at;  /* next record to tell of draining; POOL_NONE: all were told */
	uint8_t rcv_wscale; /* window scale that rcv_wnd needs */

	struct prf flow_prf;
	struct prf isn_prf;
	struct ports ports;
	struct pressure pressure;
	struct sketch crowd;

	uint8_t nusers; /* places in use, with the free places between them */
	uint8_t nlisteners;
	uint8_t nunlistened; /* users that take no new connections and still have a place */
	uint8_t last_opener; /* index of the last user of hf_connect() */
	struct tcp_user user[LIMIT_USERS];
	uint8_t *listener_of_port;   /* 65,536 entries, by the port in network order */
	struct hf_timer *app_timers; /* the earliest timer of an application; or NULL */
	uint8_t nturns;
	uint8_t turns[LIMIT_USERS]; /* users whose service has a turn() */

	uint32_t ports_waited_for; /* bit set of ports with waiting connections */
	struct tcp_waiting waiting_for[LIMIT_PORTS];

	uint8_t nranges;
	struct tcp_range range[TCP_RANGES_MAX]; /* addresses of ours */

	/* Limits of answers to strangers, one for each kind, so that a flood of one kind does
	 * not use up another. The address that is charged is SEG's raddr. */
	struct answers resets;
	struct answers bare_acks;      /* in TIME-WAIT */
	struct answers syn_acks_again; /* SYN-ACKs that a timer sends */

	int node; /* NUMA node of the memory */
	struct resents resent;

	/* Lent from below. */
	void *below;
	/* s belongs to no flow and no listener here. True: another core may own it, and *why
	 * says what happened to it. NULL: there is no other core. */
	bool (*hand_over)(void *below, struct seg *s, enum drop *why);
	bool (*emit)(void *below, const struct tcp_out *out);
	/* Write SYN-ACKs over n SYNs: the same that emit() would send. A SYN that cannot be
	 * overwritten keeps its buf. May be NULL. */
	void (*answer_syns)(
	        void *below, struct seg *const *s, const struct cookie *c, unsigned n);
	void (*proved)(void *below, const struct seg *s);
	/* The present segment is progress of c, or answers a probe: the peer hears us. Called
	 * once in some seconds, or for each probe. */
	void (*heard)(void *below, const struct tcp_conn *c);
	/* The peer of c has not answered in time (RFC 9293 3.8.3, R1; RFC 1122 3.3.1.4). */
	void (*silent)(void *below, const struct tcp_conn *c);
	void *(*buf_alloc)(void *below, uint8_t **bytes, uint32_t *room);
	void (*buf_free)(void *below, void *buf);
	uint16_t (*mtu)(void *below, uint8_t port);
	/* The route to raddr, from laddr (0: any); 0, or -errno as in hf_connect(). */
	int (*route)(void *below, be32 raddr, be32 laddr, struct tcp_route *route);
	/* Is the MAC of the next hop to raddr known? */
	bool (*resolved)(void *below, uint8_t port, be32 raddr);
};

/* Secrets that a core is given at its creation. */
struct tcp_secrets {
	uint8_t own[16];
	const struct cookie_masters *masters; /* copied; NULL: derived from `own` */
	struct cookie_beacon *beacon;         /* as in cookie_keys_init() */
};

int tcp_create(struct tcp *t, const struct tcp_conf *conf, const struct tcp_secrets *secrets,
        int node, struct clock now);
void tcp_destroy(struct tcp *t);

int tcp_add_addrs(struct tcp *t, be32 first, uint32_t count);
int tcp_listen(
        struct tcp *t, be32 addr, be16 port, const struct hf_service *service, void *self);
/* As of hf_listen() and hf_unlisten(). */
int tcp_listen_now(struct tcp *t, const struct hf_service *service, void *self,
        const struct hf_listen_conf *conf);
int tcp_unlisten(struct tcp *t, be32 addr, be16 port);
uint8_t tcp_find_listener(const struct tcp *t, be32 addr, be16 port);
/* Register an instance of a service that opens connections. -ENOSPC: no place is free. */
int tcp_client(struct tcp *t, const struct hf_service *service, void *self);
/* Remove an instance. Its connections are reset, and it hears nothing of that. */
void tcp_client_end(struct tcp *t, void *self);
/* Do a part of tcp_client_end(). *at is 0 at first. True: there is more to do. */
bool tcp_client_end_some(struct tcp *t, void *self, uint32_t *at);
/* Call turn() of each instance that has one. */
void tcp_take_turns(struct tcp *t);

/* OPEN, active (RFC 9293 3.10.1). hf_connect() documents it. */
int tcp_open(struct tcp *t, const struct hf_service *service, void *self,
        const struct hf_open *how, struct tcp_conn **c);

/* The time of day. Epochs of cookies are counted in it, because all hosts share it. */
static inline uint64_t
tcp_day_us(const struct tcp *t)
{
	return t->now.us + (uint64_t)t->day_us;
}

/* The base of the timestamps of flows (RFC 7323 5.4): the time of day, or nearly. */
static inline uint32_t
tcp_ts_ms(const struct tcp *t)
{
	return t->now.ms + t->ts_ahead_ms;
}

/* Set how far the time of day is ahead of our clock. Timestamps follow only where hosts with
 * the same keys would refuse each other's cookies: the timestamps of recent flows must not run
 * back. */
void tcp_set_day(struct tcp *t, int64_t ahead_us);

/* Begin a turn. */
static inline void
tcp_turn(struct tcp *t, struct clock now)
{
	t->now = now;
	cookie_keys_turn(&t->cookies, tcp_day_us(t));
	syn_mode_turn(&t->syn, now.ms, t->half.pool.used, t->half.pool.capacity);
}

/* SEGMENT ARRIVES: the only entry point. flows_look_ahead() has seen s. Afterwards s->buf is
 * NULL if it was kept, or became the answer's. Returns DROP_NONE, or the reason for which the
 * segment, or a part of it, was discarded; the caller counts it. Calls back. May end
 * connections, not only the segment's own. */
enum drop tcp_segment(struct tcp *t, struct seg *s);

/* At the end of a burst: send cookies for the SYNs that tcp_segment() put off. */
void tcp_answer_syns(struct tcp *t);

/* An ICMP error about a segment of c (RFC 5927, RFC 1122 4.2.3.9). */
struct tcp_icmp {
	uint32_t seq; /* the quoted sequence number */
	uint16_t mtu; /* the claimed MTU; 0: the error claims none */
	bool hard;    /* no SYN will ever arrive */
	enum hf_reason why;
};
enum drop tcp_icmp_error(struct tcp *t, struct tcp_conn *c, const struct tcp_icmp *e);

/* Handle the timers of at most `most` connections, in batches of 32. True if anything was
 * done. */
bool tcp_expire(struct tcp *t, unsigned most);
/* Handle the timers of at most `most` half-open records. */
bool tcp_half_open_expire(struct tcp *t, unsigned most);
/* Is no timer due? */
bool tcp_is_settled(const struct tcp *t);
/* Fire no timer in this turn, but move the wheel. */
void tcp_expire_later(struct tcp *t);
/* At the end of the turn: at most `most` connections that want to speak do so. The bound keeps
 * a hundred thousand simultaneous closes from delaying the others. True if any spoke. */
bool tcp_speak(struct tcp *t, unsigned most);
/* Set the ports that have no room. No text is made for them, new or after a timeout, until a
 * later call leaves them out. Timeouts count from that moment. */
void tcp_full_ports(struct tcp *t, uint32_t ports);
/* At the beginning of a turn, before a segment can fill the port: at most `most` connections
 * that waited for a port with room speak, first come, first served. True if any spoke. */
bool tcp_speak_waiting(struct tcp *t, unsigned most);
/* Let all connections speak that want to. A connection that asks again waits for the next call,
 * so that the loop ends. */
void tcp_speak_all(struct tcp *t);

static inline struct tcp_conn *
tcp_conn_at(const struct tcp *t, uint32_t i)
{
	return (struct tcp_conn *)(void *)(t->conns.base + (size_t)i * sizeof(struct tcp_conn));
}

static inline uint32_t
tcp_index(const struct tcp *t, const struct tcp_conn *c)
{
	return (uint32_t)(c - (const struct tcp_conn *)(const void *)t->conns.base);
}

static inline struct tcp_rare *
tcp_rare(const struct tcp *t, const struct tcp_conn *c)
{
	return &t->rare[tcp_index(t, c)];
}

/* In stamps: the layer below is told each 2.1 s, not for every segment. This spares the peer an
 * ARP poll, which lasts 3 s. */
#define TCP_HEARD_SHIFT 5

/* The peer has sent text in order, or has acknowledged text of ours. */
static inline void
tcp_heard(struct tcp *t, struct tcp_conn *c)
{
	uint32_t stamp = clock_stamp(t->now);

	if ((stamp ^ c->heard) >> TCP_HEARD_SHIFT != 0)
		t->heard(t->below, c);
	c->heard = stamp;
}

/* The present time in milliseconds, as c's timestamps say it (RFC 7323 5.4). */
static inline uint32_t
tcp_ts_now(const struct tcp *t, const struct tcp_conn *c)
{
	return t->now.ms + c->ts_offset;
}

/* RFC 7323 7.1: the distance of this flow's timestamps from the clock. */
static inline uint32_t
tcp_ts_offset(const struct tcp *t, const struct flow_key *k)
{
	return (uint32_t)prf_one(&t->cookies.ts, flow_block(k)).lo + t->ts_ahead_ms;
}

/* The window that a SYN offers (RFC 7323 2.2: not scaled). */
static inline uint16_t
tcp_syn_window(const struct tcp *t)
{
	return t->conf.rcv_wnd < UINT16_MAX ? (uint16_t)t->conf.rcv_wnd : UINT16_MAX;
}

/* The i-th of our addresses. */
static inline be32
tcp_addr(const struct tcp *t, uint32_t i)
{
	const struct tcp_range *r = t->range;

	while (i - r->base >= r->count)
		r++;
	return cpu_to_be32(r->first + (i - r->base));
}

/* The index of addr among our addresses, or -1. */
static inline int
tcp_addr_index(const struct tcp *t, be32 addr)
{
	uint32_t a = be32_to_cpu(addr);

	for (unsigned i = 0; i < t->nranges; i++)
		if (a - t->range[i].first < t->range[i].count)
			return (int)(t->range[i].base + (a - t->range[i].first));
	return -1;
}

/* May text still come? It may until the peer's FIN. */
static inline bool
tcp_may_receive(const struct tcp_conn *c)
{
	return c->state == TCP_ESTABLISHED || c->state == TCP_FIN_WAIT_1 ||
	       c->state == TCP_FIN_WAIT_2;
}

static inline bool
tcp_is_active(const struct tcp *t, const struct tcp_conn *c)
{
	return t->user[c->user].port == 0;
}

static inline uint32_t
tcp_flow_hash(const struct tcp *t, const struct flow_key *k)
{
	return (uint32_t)prf_one(&t->flow_prf, flow_block(k)).lo;
}

extern const char *const tcp_state_names[TCP_STATES];

#endif
