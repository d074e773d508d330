/* SPDX-License-Identifier: BSD-3-Clause */
/* peer: the other end of a connection, in virtual time and without a network.
 *
 *   struct peer *p = peer_in(TCP_ESTABLISHED, .ts = true);
 *
 *   peer_send(p, .flags = TCP_ACK, .len = 100);
 *   expect_sent(p, .flags = TCP_ACK, .ack = 100);
 *   peer_end(p);
 *
 * Numbers    a number that a peer sends is the distance from the right one:
 *            .seq = -1 repeats its last octet, .ack = 1 acknowledges one octet more than has
 *            come. An expected number is relative: 0 is the first octet behind our SYN, or
 *            behind the peer's own.
 * Text       both directions carry a fixed pattern, and each octet that is
 *            delivered or sent is compared with it.
 * Turns      peer_send() is a turn of its own; between turn_hold() and
 *            turn_end() everything is one turn.
 * Leaks      peer_end() resets what is left and proves that nothing is held. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <criterion/criterion.h>

#include "tcp/tcp.h"

#define PEER_ISS  0xfffffe00u /* wraps soon, on purpose */
#define PEER_ADDR 0x0200000au /* 10.0.0.2 */
#define OUR_ADDR  0x0100000au /* 10.0.0.1 */
#define OUR_PORT  0x5000u     /* 80, in network order */
#define OUTBOX    1024
#define PEERS     100
#define LOG_MAX   256

/* A segment that was sent; numbers relative. */
struct sent {
	uint32_t seq;
	uint32_t ack;
	uint32_t len;
	uint16_t wnd;
	uint8_t flags;
	uint8_t tos, ttl;
	bool in_place;   /* in the buffer of the segment that it answers */
	uint32_t number; /* SEG.SEQ, absolute */
	struct tcp_opts opts;
};

struct rig;

struct peer {
	struct rig *rig;
	struct tcp *t;
	struct tcp_conn *conn;
	uint32_t iss;     /* the peer's */
	uint32_t our_iss; /* heard in the SYN-ACK */
	uint32_t seq;     /* next to send, relative */
	uint32_t ack;     /* next expected, relative */
	uint16_t wnd;     /* window field of its segments */
	uint16_t mss;
	be32 addr; /* PEER_ADDR at first */
	be16 port;
	be16 lport; /* ours */
	uint8_t wscale;
	uint8_t offers; /* SEG_OPT_* on its SYN */
	bool ts;
	bool called;    /* we have opened the connection */
	bool deaf;      /* segments that we send are lost on the way */
	uint32_t tsval; /* added to the time */
	uint32_t tsecr; /* last TSval heard */
	struct sent out[OUTBOX];
	unsigned head, tail;

	/* the application's side */
	char log[LOG_MAX]; /* o d r f c: opened data room peer_closed closed; s u: soft_error
	                      urgent */
	unsigned nlog;
	uint64_t got;     /* octets taken */
	uint64_t queued;  /* octets given to hf_send() */
	uint32_t offered; /* octets in the last data() */
	uint32_t take;    /* at most this number per call */
	bool keep;        /* hf_keep() each buffer */
	struct hf_buf *kept[64];
	unsigned nkept;
	unsigned closed;
	enum hf_reason why;
	enum hf_reason soft;                    /* the last one told */
	void (*on)(struct peer *p, char event); /* after it is recorded */
};

struct peer_how {
	enum tcp_state state;
	bool ts;
	bool sack;
	int wscale;       /* offered: value + 1; 0: not */
	uint16_t mss;     /* 1460 if 0; 1: the option is left out */
	uint16_t wnd;     /* 65535 if 0 */
	uint32_t rcv_wnd; /* of our side; 65535 if 0 */
	uint32_t max_half_open;
	uint32_t syn_rate; /* 50,000 if 0 */
	enum syn_cookie syn_cookie;
	uint32_t max_time_wait;
	uint32_t max_kept;
	uint32_t rst_per_s;
	uint32_t iss;       /* PEER_ISS if 0 */
	uint64_t start_us;  /* 1000 s if 0 */
	uint32_t max_conns; /* 256 if 0 */
	uint8_t offer;      /* options of our SYN, SEG_OPT_*; all if 0 */
	uint16_t port_first, port_last;
	unsigned core;
	const char *secret;                   /* 16 octets */
	const struct cc *cc;                  /* the default if NULL */
	const struct cookie_masters *masters; /* one from the secret if NULL */
	void (*on)(struct peer *p, char event);
	const struct hf_service *service;
};

struct say {
	uint8_t flags;
	int32_t seq;
	int32_t ack;
	uint32_t len;
	int wnd;       /* the field; 0: p->wnd, -1: zero */
	int32_t ts;    /* added to TSval */
	int32_t tsecr; /* added to TSecr */
	bool no_ts;
	bool no_buf;
	uint16_t urgent;     /* the pointer, with TCP_URG */
	bool shared;         /* its bytes may not be written to */
	uint16_t room;       /* behind its text, in its buffer */
	const uint8_t *sack; /* four blocks, as on the wire, ... */
	uint8_t nsack;       /* number of these blocks */
	const bool *lie;     /* octets that it says otherwise, by their number */
	uint8_t opts;        /* of a SYN: these options instead of the peer's usual ones */
	uint16_t mss;
	uint8_t wscale;
};

struct expected {
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
	uint32_t len;
};

/* A stack with one listener, and a peer in LISTEN's sight that has said nothing. */
struct peer *peer_new(struct peer_how how);
/* A peer that has come to a state by a handshake and the segments after it. */
struct peer *peer_reach(struct peer_how how);
#define peer_in(...) peer_reach((struct peer_how) {.state = __VA_ARGS__})
/* Another peer of the same stack, which has said nothing; it offers MSS, and timestamps if the
 * first one does. */
struct peer *peer_beside(struct peer *first);
void peer_connect(struct peer *p);
/* We open a connection to it: SYN-SENT, the SYN is still in the outbox. */
void peer_call(struct peer *p);
/* peer_new(), peer_call() and the peer's SYN-ACK, if state is beyond SYN-SENT; a
 * SYN without ACK for SYN-RECEIVED. Nothing is left in the outbox. */
struct peer *peer_answer(struct peer_how how);
#define peer_called(...) peer_answer((struct peer_how) {.state = __VA_ARGS__})
/* The sum over all peers on this stack. */
void peer_end(struct peer *p);

enum drop peer_say(struct peer *p, struct say s);
#define peer_send(p, ...) peer_say(p, (struct say) {__VA_ARGS__})

/* The state in the flow table; TCP_CLOSED: there is no record. */
enum tcp_state peer_state(const struct peer *p);

void turn_hold(struct peer *p);
void turn_end(struct peer *p);
/* Time passes; timers fire in their millisecond. */
void peer_wait(struct peer *p, uint64_t ms);
/* Time passes at once, and timers fire at its end. */
void peer_jump(struct peer *p, uint64_t us);

const struct sent *sent_expect(struct peer *p, struct expected e, int line);
#define expect_sent(p, ...) sent_expect(p, (struct expected) {__VA_ARGS__}, __LINE__)
void silence_expect(struct peer *p, int line);
#define expect_silence(p) silence_expect(p, __LINE__)
unsigned sent_waiting(const struct peer *p);
const struct sent *sent_next(struct peer *p);
void sent_forget(struct peer *p);
#define expect_log(p, text) \
	cr_expect_str_eq(   \
	        (p)->log, text, "line %d: events %s, expected %s", __LINE__, (p)->log, text)

/* The application's calls, from outside an event, and the end of the turn. */
int app_send(struct peer *p, uint32_t len);
/* Handles that buf_alloc() lent, and packets, not yet given back. */
int bufs_out(const struct peer *p);
static inline struct hf_core *
core_of(const struct peer *p)
{
	return (struct hf_core *)p->t;
}

static inline struct hf_conn *
hf_of(const struct peer *p)
{
	return (struct hf_conn *)p->conn;
}

void app_shutdown(struct peer *p);
void app_close(struct peer *p);

uint8_t pattern(uint64_t at);

#endif
