/* SPDX-License-Identifier: BSD-3-Clause */
/* conn: one connection (the TCB of RFC 9293 3.3.1).
 *
 * Two cache lines that every segment touches, and a `tcp_rare` beside them (in
 * an array of its own, same index) for what few segments need. What is queued
 * in either direction hangs on lists from per-core pools: an idle connection
 * has none.
 */
#ifndef TCP_CONN_H
#define TCP_CONN_H

#include "timer/wheel.h"
#include "wire/flow.h"

enum tcp_state {
	TCP_CLOSED, /* a record that is free */
	TCP_LISTEN, /* never a record: the RFC's name, for show */
	TCP_SYN_SENT,
	TCP_SYN_RECEIVED,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT_1,
	TCP_FIN_WAIT_2,
	TCP_CLOSE_WAIT,
	TCP_CLOSING,
	TCP_LAST_ACK,
	TCP_TIME_WAIT, /* lives in time_wait.h's records */
	TCP_STATES
};

enum tcp_conn_flags {
	CONN_TS = 1 << 0,         /* timestamps were agreed on (RFC 7323) */
	CONN_SACK = 1 << 1,       /* SACK was agreed on (RFC 2018) */
	CONN_SHUTDOWN = 1 << 2,   /* the application has no more to send: FIN at the end */
	CONN_FIN_SENT = 1 << 3,   /* snd_max counts our FIN */
	CONN_APP_GONE = 1 << 4,   /* hf_close(), hf_linger(): nobody reads any more */
	CONN_ABORT = 1 << 5,      /* hf_abort(): reset when the event returns */
	CONN_ACK_NOW = 1 << 6,    /* an ACK must leave with this segment's handling */
	CONN_ACK_LATER = 1 << 7,  /* an ACK must leave in this turn */
	CONN_PENDING = 1 << 8,    /* in a list: of speakers, or of waiters for a port */
	CONN_RECOVERY = 1 << 9,   /* in fast recovery (RFC 6582) */
	CONN_LINGER = 1 << 10,    /* with CONN_APP_GONE: bytes are forgotten, not reset */
	CONN_SYN_AGAIN = 1 << 11, /* the handshake needed a retransmission */
	CONN_LOSS = 1 << 12,      /* it has a record of struct tcp_loss (loss.h) */
	CONN_ENDED = 1 << 13,     /* closed() has been called: no call has an effect any more */
};

/* Only timers.c and what handles a timer write the first three. */
enum tcp_conn_timers {
	TIMER_REXMT = 1 << 0,   /* rexmt_at counts: retransmission or persist */
	TIMER_PERSIST = 1 << 1, /* ... it is the persist timer */
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
	uint32_t snd_wl1; /* no WL2: it could only ever be SND.UNA or less */
	uint32_t heard;   /* clock_stamp() of the last text in order, or ACK of ours */
	uint32_t rcv_nxt;
	uint32_t rcv_adv; /* right edge of the window that was offered */
	uint32_t ts_recent;
	uint32_t last_ack_sent;
	uint32_t sends; /* first struct tcp_send, POOL_NONE: nothing queued */
	uint32_t reasm; /* first struct tcp_hole, POOL_NONE: all that came was delivered */

	/* second line */
	struct wheel_node timer;
	uint32_t rexmt_at;   /* ms */
	uint32_t life_at;    /* ms: the application's deadline; once it has left, ours */
	uint32_t pending;    /* the next one of its list (CONN_PENDING) */
	void *ctx;           /* the application's */
	uint32_t srtt8_us;   /* smoothed round trip, times 8; 0: no sample yet */
	uint32_t rttvar4_us; /* its variation, times 4; without a sample: the RTO, 0: initial */
	uint32_t cwnd;
	uint32_t ssthresh;
	uint32_t ts_offset;
	uint32_t hash;
	uint16_t mss;        /* payload bytes of a full segment, options paid */
	uint16_t rcv_wnd;    /* to offer, as the window field will say it */
	uint8_t rexmits : 4; /* retransmissions, or unanswered probes, in a row */
	uint8_t dupacks : 2; /* in a row, up to 3 */
	uint8_t counted : 1; /* for pressure.c: for its address and its /24 */
	uint8_t marked : 1;  /* tcp_rare has an urgent mark, or a TOS or TTL that is not
	                        the stack's */
	uint8_t ts_epoch;    /* when ts_recent was noted, us >> CONN_EPOCH_SHIFT */
	uint8_t user;        /* whose it is: index into tcp.user[] */
	uint8_t port : 5;
	uint8_t silent : 1;  /* for pressure.c: it has said nothing yet */
	uint8_t guarded : 1; /* SND.UNA has yet to pass `recover` (RFC 6582 3.2) */
	uint8_t proved : 1;  /* a segment of `mss` octets was acknowledged, it seems */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct tcp_conn) == 128, "a connection is two cache lines");

/* 9.5 hours: a byte of it tells 24 days, after which ts_recent is void
 * (RFC 7323 5.5), from the 101 after which it wraps. */
#define CONN_EPOCH_SHIFT 35
#define CONN_EPOCH_VOID  60

struct tcp_rare {
	uint32_t max_snd_wnd; /* largest window the peer ever offered (RFC 5961 5.2) */
	uint32_t rtt_seq;     /* measured when this is acknowledged */
	uint32_t rtt_us;      /* sent at */
	uint32_t loss;        /* the record of struct tcp_loss, with CONN_LOSS */
	uint32_t cursor;      /* descriptor of what was sent last; POOL_NONE: the first */
	uint32_t opened;      /* clock_stamp() */
	uint32_t rcv_up;      /* RCV.UP: behind the last urgent octet, if `urgent` */
	uint16_t challenged;  /* clock_stamp() of the second in which challenges count */
	uint16_t nsends;
	uint16_t nreasm;      /* pieces in the queue, a buffer each */
	uint16_t reasm_stamp; /* arrivals out of order, counted */
	uint16_t neigh;       /* where the next hop's MAC stood last time */
	uint16_t look_at;     /* ms, the low half: when the queue is looked at again */
	uint16_t generation;  /* of the record: changes at each reuse, never 0 once used */
	uint8_t nruns;        /* of pieces in the queue */
	uint8_t ntiny;        /* pieces that hardly deserve a buffer */
	uint8_t challenges;
	uint8_t probes;     /* backoff of the persist timer */
	uint8_t offers;     /* of what is held, in vain, in a row */
	uint8_t soft_error; /* enum hf_reason that ICMP has named lately; 0: none */
	uint8_t tos;        /* of what is sent, if `marked` */
	uint8_t ttl;
	uint8_t retries : 4;    /* R2; 0: the stack's */
	uint8_t soft_told : 1;  /* what ICMP says of segments sent since the last timeout */
	uint8_t urgent : 1;     /* RCV.UP lies ahead of RCV.NXT */
	uint8_t looking : 1;    /* look_at counts, while there is a queue */
	uint8_t resume : 1;     /* what is held is to be offered when it speaks */
	uint8_t drain_told : 1; /* the application has heard that the stack drains */
	uint8_t idle : 1;       /* life_at is the idle timeout of the listener */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct tcp_rare) == 64, "one line: the budget of docs/architecture.md");

/* What only a loss or a path with smaller segments needs (loss.h). */
struct tcp_loss {
	uint32_t recover;     /* RFC 6582 3.2: repaired up to here; counts while `guarded` */
	uint32_t owner;       /* the connection's index */
	uint32_t sack_seen;   /* the block that came first last time, in a word */
	uint32_t claim_una;   /* SND.UNA when an ICMP error claimed a smaller MTU */
	uint16_t mss_full;    /* before an ICMP error lowered it; 0: none has */
	uint16_t mss_claimed; /* believed at the next timeout without progress; 0: none */
	uint16_t lowered;     /* when mss was, clock_stamp() >> 8 */
	uint16_t spare;
};

/* Queued data, from snd_una on; the first one may be acknowledged in part. */
struct tcp_send {
	uint32_t next;
	uint32_t tail; /* of the first one only: the last one's index */
	uint32_t seq;  /* of data[0] */
	uint32_t len;
	const uint8_t *data;
	void *buf; /* released with it; NULL: static bytes */
};

/* A piece of text that waits: before RCV.NXT for the application, which had no room for
 * it, or behind a hole. They are sorted and do not overlap; those that touch are a run,
 * whose first one speaks for it. What is held for the application is the first run. */
struct tcp_hole {
	uint32_t next; /* the next piece, of this run or another */
	uint32_t last; /* of a run's first piece: its last one's index */
	uint32_t seq;
	uint16_t len;
	uint16_t stamp : 15; /* of a run's first piece: when something of it last
	                        arrived (RFC 2018 4: most recent first) */
	uint16_t fin : 1;
	uint16_t room; /* behind its text in buf, for what touches it */
	uint8_t *data;
	void *buf;
};

_Static_assert(sizeof(struct tcp_hole) == 40, "the budget of docs/architecture.md");

#endif
