/* SPDX-License-Identifier: BSD-3-Clause */
/* conn: one connection (the TCB of RFC 9293 3.3.1).
 *
 * Every segment uses two cache lines. A `tcp_rare` beside them, in an array of its own with the
 * same index, has what few segments need. Queued data in either direction stands in lists from
 * per-core pools. An idle connection has no list entry.
 *
 * Threads    the connection's core alone.
 * Ownership  `ctx` is the application's. A tcp_send or tcp_piece owns its `buf`.
 * Memory     struct tcp_conn 128 bytes, struct tcp_rare 64, struct tcp_piece 40. The pools of
 *            tcp.h hold all of them from creation on.
 * Bounds     tcp.h has the limits: TCP_SENDS_MAX, TCP_RUNS_MAX, TCP_TINY_MAX.
 * Readers    docs/connection.md names the files that write and that read each field.
 */
#ifndef TCP_CONN_H
#define TCP_CONN_H

#include "base/limits.h"
#include "timer/wheel.h"
#include "wire/flow.h"

enum tcp_state {
	TCP_CLOSED, /* a record that is free */
	TCP_LISTEN, /* no record has this state; `show` uses the name */
	TCP_SYN_SENT,
	TCP_SYN_RECEIVED,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT_1,
	TCP_FIN_WAIT_2,
	TCP_CLOSE_WAIT,
	TCP_CLOSING,
	TCP_LAST_ACK,
	TCP_TIME_WAIT, /* the records of time_wait.h */
	TCP_STATES
};

enum tcp_conn_flags {
	CONN_TS = 1 << 0,        /* timestamps were agreed on (RFC 7323) */
	CONN_SACK = 1 << 1,      /* SACK was agreed on (RFC 2018) */
	CONN_SHUTDOWN = 1 << 2,  /* the application has no more to send; a FIN ends the queue */
	CONN_FIN_SENT = 1 << 3,  /* snd_max counts our FIN */
	CONN_APP_GONE = 1 << 4,  /* hf_close() or hf_linger() was called; the application reads
	                            no more */
	CONN_ABORT = 1 << 5,     /* hf_abort(): reset when the event returns */
	CONN_ACK_NOW = 1 << 6,   /* an ACK must leave with this segment's handling */
	CONN_ACK_LATER = 1 << 7, /* an ACK must leave in this turn */
	CONN_PENDING = 1 << 8,  /* it stands in a list: of speakers, or of waiters for a port */
	CONN_RECOVERY = 1 << 9, /* in fast recovery (RFC 6582) */
	CONN_LINGER = 1 << 10,  /* with CONN_APP_GONE: text is discarded, not reset */
	CONN_SYN_AGAIN = 1 << 11, /* the handshake needed a retransmission */
	CONN_LOSS = 1 << 12,      /* it has a record of struct tcp_loss (loss.h) */
	CONN_ENDED = 1 << 13,     /* closed() has been called: no call has an effect any more */
};

/* Only timers.c and expire.c write the first three. */
enum tcp_conn_timers {
	TIMER_REXMT = 1 << 0,   /* rexmt_at counts: retransmission or persist */
	TIMER_PERSIST = 1 << 1, /* rexmt_at is the persist timer's */
	TIMER_LIFE = 1 << 2,    /* life_at counts */
	TIMER_RTT = 1 << 3,     /* a segment's round trip is being measured (Karn) */
};

struct tcp_conn {
	struct flow_key key;
	uint8_t state : 4;  /* enum tcp_state */
	uint8_t timers : 4; /* enum tcp_conn_timers */
	uint8_t snd_wscale : 4;
	uint8_t rcv_wscale : 4;
	uint16_t flags; /* enum tcp_conn_flags */
	uint32_t snd_una;
	uint32_t snd_nxt;
	uint32_t snd_max; /* highest sent; snd_nxt goes back to retransmit */
	uint32_t snd_wnd;
	uint32_t snd_wl1; /* WL2 is not kept: it is never above SND.UNA */
	uint32_t heard;   /* clock_stamp() of the last text in order, or of the last ACK of our
	                     text */
	uint32_t rcv_nxt;
	uint32_t rcv_adv; /* right edge of the offered window */
	uint32_t ts_recent;
	uint32_t last_ack_sent;
	uint32_t sends; /* first struct tcp_send; POOL_NONE: nothing is queued */
	uint32_t reasm; /* first struct tcp_piece; POOL_NONE: nothing waits */

	/* second line */
	struct wheel_node timer;
	uint32_t rexmt_at;   /* ms */
	uint32_t life_at;    /* ms: the application's deadline, or ours for an orphan */
	uint32_t pending;    /* next connection of the list (CONN_PENDING) */
	void *ctx;           /* the application's */
	uint32_t srtt8_us;   /* smoothed round trip, times 8; 0: no sample yet */
	uint32_t rttvar4_us; /* variation, times 4; without a sample: the RTO, or 0 for the
	                        initial one */
	uint32_t cwnd;
	uint32_t ssthresh;
	uint32_t ts_offset;
	uint32_t hash;
	uint16_t mss;        /* payload bytes of a full segment, without options */
	uint16_t rcv_wnd;    /* window to offer, as scaled in the window field */
	uint8_t rexmits : 4; /* retransmissions, or unanswered probes, in a row */
	uint8_t dupacks : 2; /* duplicate ACKs in a row, up to 3 */
	uint8_t counted : 1; /* crowd.c counts it for its address and its /24 */
	uint8_t marked : 1;  /* tcp_rare has an urgent mark, or a TOS or TTL of its own */
	uint8_t ts_epoch;    /* time of ts_recent, in us >> CONN_EPOCH_SHIFT */
	uint8_t user;        /* its user: index into tcp.user[] */
	uint8_t port : 5;
	uint8_t silent : 1;  /* for pressure.c: the peer has sent nothing yet */
	uint8_t guarded : 1; /* SND.UNA has yet to pass `recover` (RFC 6582 3.2) */
	uint8_t proved : 1;  /* an ACK covered `mss` octets or more */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct tcp_conn) == 128, "a connection is two cache lines");
_Static_assert(LIMIT_PORTS <= 1 << 5, "tcp_conn.port has five bits");
_Static_assert(LIMIT_RETRIES < 1 << 4, "tcp_conn.rexmits and tcp_rare.retries have four bits");

/* A unit is 9.5 hours. A byte counts 101 days. After CONN_EPOCH_VOID units (24 days) ts_recent
 * is void (RFC 7323 5.5). */
#define CONN_EPOCH_SHIFT 35
#define CONN_EPOCH_VOID  60

struct tcp_rare {
	uint32_t max_snd_wnd; /* largest window that the peer has offered (RFC 5961 5.2) */
	uint32_t rtt_seq;     /* the round trip is measured when this is acknowledged */
	uint32_t rtt_us;      /* time at which rtt_seq was sent */
	uint32_t loss;        /* index of its struct tcp_loss, with CONN_LOSS */
	uint32_t cursor; /* descriptor of the last text sent; POOL_NONE: the first descriptor */
	uint32_t opened; /* clock_stamp() */
	uint32_t rcv_up; /* RCV.UP: the octet behind the last urgent one, if `urgent` */
	uint16_t challenged; /* clock_stamp() at which the second of `challenges` began */
	uint16_t nsends;
	uint16_t nreasm;      /* pieces in the queue; each has a buffer */
	uint16_t reasm_stamp; /* number of arrivals out of order */
	uint16_t neigh;       /* index at which the next hop's MAC was found last */
	uint16_t look_at;     /* ms, the low half: time of the next look at the queue */
	uint16_t generation;  /* of the record: changes at each reuse, never 0 once used */
	uint8_t nruns;        /* runs of pieces in the queue */
	uint8_t ntiny;        /* pieces shorter than TCP_TINY */
	uint8_t challenges;
	uint8_t probes;     /* probes in a row: backoff of the persist timer */
	uint8_t offers;     /* offers of held text in a row that were refused */
	uint8_t soft_error; /* last enum hf_reason from ICMP; 0: none */
	uint8_t tos;        /* TOS of its segments, if `marked` */
	uint8_t ttl;
	uint8_t retries : 4;    /* R2; 0: the stack's value */
	uint8_t soft_told : 1;  /* the application has heard of an ICMP error since the last
	                           timeout */
	uint8_t urgent : 1;     /* RCV.UP lies ahead of RCV.NXT */
	uint8_t looking : 1;    /* look_at counts */
	uint8_t resume : 1;     /* held text is offered when the connection speaks */
	uint8_t drain_told : 1; /* the application has heard that the stack drains */
	uint8_t idle : 1;       /* life_at is the idle timeout of the listener */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct tcp_rare) == 64, "one line: the budget of docs/architecture.md");

/* State for a loss, or for a path with smaller segments (loss.h). */
struct tcp_loss {
	uint32_t recover;     /* RFC 6582 3.2: the end of the repair; counts while `guarded` */
	uint32_t owner;       /* the connection's index */
	uint32_t sack_seen;   /* hash of the first SACK block of the last ACK */
	uint32_t claim_una;   /* SND.UNA when an ICMP error claimed a smaller MTU */
	uint16_t mss_full;    /* mss before an ICMP error lowered it; 0: it was not lowered */
	uint16_t mss_claimed; /* a claimed mss, believed at the next timeout without progress;
	                         0: none */
	uint16_t lowered;     /* time at which mss was lowered, clock_stamp() >> 8 */
	uint16_t spare;
};

/* Queued data from snd_una on. The first descriptor may be acknowledged in part. */
struct tcp_send {
	uint32_t next;
	uint32_t tail; /* index of the last descriptor; valid in the first one only */
	uint32_t seq;  /* sequence number of data[0] */
	uint32_t len;
	const uint8_t *data;
	void *buf; /* buffer that is released with the descriptor; NULL: static bytes */
};

/* A piece of text that waits. Before RCV.NXT it waits for the application, which had no room
 * for it. Behind RCV.NXT it waits for a hole to be filled. Pieces are sorted and do not
 * overlap. Pieces that touch are a run. The first piece of a run keeps the fields of the run.
 * Text that is held for the application is the first run. */
struct tcp_piece {
	uint32_t next; /* next piece, of this run or of the next one */
	uint32_t last; /* index of the run's last piece; valid in the run's first piece */
	uint32_t seq;
	uint16_t len;
	uint16_t stamp : 15; /* time of the run's last arrival (RFC 2018 4); valid in the run's
	                        first piece */
	uint16_t fin : 1;
	uint16_t room; /* free bytes behind the text in buf */
	uint8_t *data;
	void *buf;
};

_Static_assert(sizeof(struct tcp_piece) == 40, "the budget of docs/architecture.md");

#endif
