/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp: one core's TCP (RFC 9293), without IP under it.
 *
 * What it needs from below (IP, the link, packet buffers) is lent to it as
 * functions, at the end of struct tcp.
 *
 * Threads    single writer.
 * Memory     all of it at creation.
 * Time       t->now, set once a turn by the stack.
 * Returns    the packet path returns enum drop: why a segment, or a part of
 *            it, went no further. The caller counts it.
 */
#ifndef TCP_TCP_H
#define TCP_TCP_H

#include "api/handfast.h"
#include "base/answers.h"
#include "base/counters.h"
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
#include "tcp/time_wait.h"
#include "wire/build.h"
#include "wire/steer.h"

#define TCP_MSS_DEFAULT 536   /* RFC 9293 3.7.1 */
#define TCP_MSS_MIN     64    /* whoever takes less gets no connection */
#define TCP_RTO_INIT_MS 1000  /* RFC 6298 2.1 */
#define TCP_RTO_MAX_MS  60000 /* RFC 6298 2.5 */
#define TCP_RETRIES_MAX 15    /* what rexmits can count */
#define TCP_R1          3     /* RFC 9293 3.8.3, SHLD-10 */
#define TCP_DSCP_MAX    63
#define TCP_DSCP_SHIFT  2   /* ECN (RFC 3168) has the bits below */
#define TCP_SENDS_MAX   256 /* descriptors of one connection */
#define TCP_REASM_MIN   256 /* buffers of text of one connection at the most, */
#define TCP_REASM_BYTES 512 /* ... or one for each 512 bytes of the window, */
#define TCP_RUNS_MAX    32  /* runs of them, */
#define TCP_TINY_MAX    32  /* and tiny ones among them: */
#define TCP_TINY        128 /* bytes, below which ... */
#define TCP_QUEUED_MAX  (1u << 30)
#define TCP_USERS_MAX   250
#define TCP_PORTS       32 /* tcp_conn.port has five bits */
#define TCP_NO_USER     255
#define TCP_RANGES_MAX  40
#define TCP_ADDRS_MAX   32768 /* tw_record has 15 bits for one of them */

/* What a flow table slot refers to. */
#define REF_CONN      0x00000000u
#define REF_TIME_WAIT 0x40000000u
#define REF_HALF_OPEN 0x80000000u
#define REF_KIND      0xc0000000u
#define REF_INDEX     0x3fffffffu

/* Who hears of connections (the TCP user of RFC 9293 3.9.1): a listener, or
 * somebody who opens them. */
struct tcp_user {
	be32 addr;     /* a listener's; 0: any of ours */
	be16 port;     /* 0: it opens */
	uint8_t next;  /* listener of the same port; TCP_NO_USER at the end */
	bool instance; /* self is ours to destroy */
	bool leaving;  /* hears no more of its connections */
	const struct hf_service *service; /* NULL: this place is free */
	const struct hf_service *was;     /* of who is leaving: what destroys it */
	void *self;
	uint64_t opened; /* handshakes, ever */
	uint32_t open;
	uint32_t opening; /* SYN sent, and no handshake yet */
	uint16_t neigh;   /* where the last next hop stood that it sent a SYN to */
};

/* Addresses of ours, in a row. */
struct tcp_range {
	uint32_t first; /* host order */
	uint32_t count;
	uint32_t base; /* index of the first one */
};

/* How to get to a peer. */
struct tcp_way {
	be32 laddr; /* from which address */
	uint8_t port;
	const struct steer *steer; /* or NULL: all answers come to this core */
};

struct cc;

struct tcp_conf {
	uint32_t max_conns;
	uint32_t max_half_open;
	uint32_t max_time_wait;
	uint32_t syn_rate; /* SYNs without an ACK per second that are no flood */
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
	unsigned core; /* as struct steer counts them */
	uint16_t port_first, port_last;
	uint8_t offer;       /* options of our SYNs, SEG_OPT_* */
	uint8_t tos;         /* of all that is sent */
	uint8_t ttl;         /* 0: IPV4_TTL */
	bool refuse;         /* who finds no room is reset, instead of not answered */
	const struct cc *cc; /* congestion control; NULL: the default */
};

/* SYNs of this burst that get a cookie, all in one go. */
struct tcp_syns {
	unsigned n;
	struct seg *seg[COOKIE_BURST];
};

/* Connections whose text waits for a port, first come, first served; and when it was that
 * the port had no room, for timers that ran meanwhile. */
struct tcp_waiting {
	uint32_t first; /* POOL_NONE: nobody waits */
	uint32_t last;
	uint32_t full_ms;        /* since when it has none, if that is so */
	uint32_t from_ms, to_ms; /* before: the longest such time that has ended lately */
};

struct tcp {
	struct clock now;
	int64_t day_us;       /* the time of day less now.us */
	int64_t ts_day_us;    /* ... as timestamps have it: nearly, see tcp_set_day() */
	uint32_t ts_ahead_ms; /* in ms */
	struct counters *count;
	struct tcp_conf conf;

	struct half_opens half;
	struct syn_mode syn;
	struct cookie_keys cookies;
	struct tcp_syns syns;

	struct pool conns;
	struct tcp_rare *rare; /* by the same index */
	struct flow_table table;
	uint32_t inserted_before; /* table.inserted when flows_look_ahead() last looked */
	struct wheel wheel;
	struct time_wait tw;
	struct pool sends;
	struct pool holes;
	struct pool losses;
	uint32_t loss_hand; /* the next of `losses` to look at when all are taken */

	uint32_t pending;          /* first connection that has something to say */
	uint32_t speaking;         /* ... of those whose turn has begun */
	uint32_t full_ports;       /* a bit for each port that takes no more text now */
	uint32_t kept;             /* packet buffers in queues and with services */
	struct tcp_conn *current;  /* whose segment or timer is being handled */
	void **delivering;         /* handle of the buffer whose bytes data() sees */
	struct tcp_conn *offering; /* ... if they were held: whose they are; or NULL */
	bool refusing;             /* no new connections: it drains, or is being stopped */
	bool draining;             /* applications were told, or are being told */
	uint32_t drain_end_ms;     /* ... until then, for those that ask how long it will be */
	uint32_t drain_at;  /* the next who may not have heard of it; POOL_NONE: all have */
	uint8_t rcv_wscale; /* what rcv_wnd needs */

	struct prf flow_prf;
	struct prf isn_prf;
	struct ports ports;
	struct pressure pressure;
	struct sketch crowd;

	uint8_t nusers; /* places in use, free ones between them included */
	uint8_t nlisteners;
	uint8_t last_opener; /* whom hf_connect() found last */
	struct tcp_user user[TCP_USERS_MAX];
	uint8_t *listener_of_port; /* 65,536, by the port in network order */
	uint8_t nturns;
	uint8_t turns[TCP_USERS_MAX]; /* users whose service has a turn() */

	uint32_t ports_waited_for; /* a bit for each */
	struct tcp_waiting waiting_for[TCP_PORTS];

	uint8_t nranges;
	struct tcp_range range[TCP_RANGES_MAX]; /* addresses of ours */

	/* What strangers get, by kind, so that a flood of one starves no other; who
	 * asks is SEG's raddr. */
	struct answers resets;
	struct answers bare_acks;      /* in TIME-WAIT */
	struct answers syn_acks_again; /* without being asked */

	/* Lent from below. */
	void *below;
	/* s is of no flow and no listener here. True: it may be another core's, and *why says
	 * what became of it. NULL: there is no other core. */
	bool (*hand_over)(void *below, struct seg *s, enum drop *why);
	bool (*emit)(void *below, const struct tcp_out *out);
	/* SYN-ACKs to n SYNs, in place; the same that emit() would send. Those for
	 * which it cannot be done keep their buf. May be NULL. */
	void (*answer_syns)(
	        void *below, struct seg *const *s, const struct cookie *c, unsigned n);
	void (*proved)(void *below, const struct seg *s);
	/* The segment in hand is progress of c, or answers its probe: the peer hears us.
	 * Told once in some seconds, or for each probe. */
	void (*heard)(void *below, const struct tcp_conn *c);
	/* What c has sent is not answered in time (RFC 9293 3.8.3, R1; RFC 1122 3.3.1.4). */
	void (*silent)(void *below, const struct tcp_conn *c);
	void *(*buf_alloc)(void *below, uint8_t **bytes, uint32_t *room);
	void (*buf_free)(void *below, void *buf);
	uint16_t (*mtu)(void *below, uint8_t port);
	/* The way to raddr, from laddr (0: any); 0 or -errno as of hf_connect(). */
	int (*route)(void *below, be32 raddr, be32 laddr, struct tcp_way *way);
	/* Is the MAC of the next hop to raddr known? */
	bool (*resolved)(void *below, uint8_t port, be32 raddr);
};

/* What a core is given at its creation, beside numbers. */
struct tcp_secrets {
	uint8_t own[16];
	const struct cookie_masters *masters; /* copied; NULL: one from `own` */
	struct cookie_beacon *beacon;         /* as of cookie_keys_init() */
};

int tcp_create(struct tcp *t, const struct tcp_conf *conf, const struct tcp_secrets *secrets,
        int node, struct clock now);
void tcp_destroy(struct tcp *t);

int tcp_add_addrs(struct tcp *t, be32 first, uint32_t count);
int tcp_listen(
        struct tcp *t, be32 addr, be16 port, const struct hf_service *service, void *self);
uint8_t tcp_find_listener(const struct tcp *t, be32 addr, be16 port);
/* An instance of a service that opens connections; -ENOSPC. */
int tcp_client(struct tcp *t, const struct hf_service *service, void *self);
/* It goes, and its connections are reset without a word to it. */
void tcp_client_end(struct tcp *t, void *self);
/* Some of it; true: there is more, from *at on, which is 0 at first. */
bool tcp_client_end_some(struct tcp *t, void *self, uint32_t *at);
/* turn() of all who have one. */
void tcp_take_turns(struct tcp *t);

/* OPEN, active (RFC 9293 3.10.1): see hf_connect(). */
int tcp_open(struct tcp *t, const struct hf_service *service, void *self,
        const struct hf_open *how, struct tcp_conn **c);

/* The time of day, in which epochs of cookies count: other hosts have the same. */
static inline uint64_t
tcp_day_us(const struct tcp *t)
{
	return t->now.us + (uint64_t)t->day_us;
}

/* What timestamps of flows are set off from (RFC 7323 5.4): the time of day, or nearly. */
static inline uint32_t
tcp_ts_ms(const struct tcp *t)
{
	return t->now.ms + t->ts_ahead_ms;
}

/* The time of day is so much ahead of our own. Timestamps follow only where hosts with the
 * same keys would refuse each other: flows that have just ended are not to see
 * theirs run back. */
void tcp_set_day(struct tcp *t, int64_t ahead_us);

/* A turn begins. */
static inline void
tcp_turn(struct tcp *t, struct clock now)
{
	t->now = now;
	cookie_keys_turn(&t->cookies, tcp_day_us(t));
	syn_mode_turn(&t->syn, now.ms, t->half.pool.used, t->half.pool.capacity);
}

/* SEGMENT ARRIVES: the one way in. flows_look_ahead() has seen s. Afterwards s->buf is NULL if
 * it was kept, or left as the answer's. DROP_NONE, or why the segment, or a part of it, went no
 * further: the caller counts it. Calls back; may end connections, not only s's own. */
enum drop tcp_segment(struct tcp *t, struct seg *s);

/* At the end of a burst: cookies for those SYNs that tcp_segment() put off. */
void tcp_answer_syns(struct tcp *t);

/* An ICMP error about a segment of c (RFC 5927, RFC 1122 4.2.3.9). */
struct tcp_icmp {
	uint32_t seq; /* that it quotes */
	uint16_t mtu; /* 0: it is not about that */
	bool hard;    /* no SYN can ever arrive */
	enum hf_reason why;
};
enum drop tcp_icmp_error(struct tcp *t, struct tcp_conn *c, const struct tcp_icmp *e);

/* Connections whose timers are due, at most `most`, in batches of 32. True if anything was
 * done. */
bool tcp_expire(struct tcp *t, unsigned most);
/* The same for half-open ones. */
bool tcp_half_open_expire(struct tcp *t, unsigned most);
/* Nothing is due any more. */
bool tcp_is_settled(const struct tcp *t);
/* No timer fires in this turn, but what goes before it does: the wheel moves. */
void tcp_expire_later(struct tcp *t);
/* Those with something to say, at the end of the turn; at most so many, so that a
 * hundred thousand who close at once do not keep the others waiting. True if any. */
bool tcp_speak(struct tcp *t, unsigned most);
/* These ports have no room: no text is made for them, new or after a timeout, until they
 * are named no more; timeouts count from there. */
void tcp_full_ports(struct tcp *t, uint32_t ports);
/* Those that waited for a port that has room again, first come, first served, at most
 * so many. At the beginning of a turn, before whatever arrives in it could fill the port.
 * True if any. */
bool tcp_speak_waiting(struct tcp *t, unsigned most);
/* All that have something to say now. One that asks for another turn then waits for it,
 * or there might be no end. */
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

/* Of stamps: below is told each 2.1 s, not by every segment; a poll of ARP's, which that
 * spares the peer, lasts 3 s. */
#define TCP_HEARD_SHIFT 5

/* Text of the peer's in order, or an acknowledgment of ours. */
static inline void
tcp_heard(struct tcp *t, struct tcp_conn *c)
{
	uint32_t stamp = clock_stamp(t->now);

	if ((stamp ^ c->heard) >> TCP_HEARD_SHIFT != 0)
		t->heard(t->below, c);
	c->heard = stamp;
}

/* Now in milliseconds, as this connection's peer sees it (RFC 7323 5.4). */
static inline uint32_t
tcp_ts_now(const struct tcp *t, const struct tcp_conn *c)
{
	return t->now.ms + c->ts_offset;
}

/* RFC 7323 7.1: what our timestamps of this flow are ahead of the clock. */
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

/* Which one it is, or -1. */
static inline int
tcp_addr_index(const struct tcp *t, be32 addr)
{
	uint32_t a = be32_to_cpu(addr);

	for (unsigned i = 0; i < t->nranges; i++)
		if (a - t->range[i].first < t->range[i].count)
			return (int)(t->range[i].base + (a - t->range[i].first));
	return -1;
}

/* The peer has not sent its FIN: text may come. */
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
