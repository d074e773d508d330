/* SPDX-License-Identifier: BSD-3-Clause */
/* exchange: what a load's connections say, by kind, and how they end.
 *
 * Each kind has events of its own, with which its connections are opened, so
 * that no event asks of which kind it is. The instance is always struct load_client.
 *
 * Counting   a connection is counted where it ends, in closed(), and once: as
 *            completed or as one error. What went wrong before stands in its
 *            record until then.
 * Threads    the core's, but for `stop` and `done`.
 */
#ifndef APP_LOAD_EXCHANGE_H
#define APP_LOAD_EXCHANGE_H

#include "base/counters.h"
#include "load/client/client.h"
#include "load/client/conns.h"
#include "load/client/http_known.h"
#include "load/client/pace.h"
#include "load/client/request.h"
#include "load/client/sources.h"

struct exchange {
	struct hf_service events;
	/* A record that was given to conns_again(). False: there is still no room. */
	bool (*again)(struct load_client *l, struct hf_core *h, struct load_conn *x);
	uint32_t progress_size;
	/* Answers say where they end, so that they are whole whoever closes, and requests
	 * may be asked again on another connection. */
	bool self_defining;
};

extern const struct exchange exchange_http;
extern const struct exchange exchange_echo;
extern const struct exchange exchange_tcp;

enum load_stop { LOAD_GOES_ON, LOAD_STOP, LOAD_CUT };

/* In one turn, so that what has been opened gets its share of the core, and a
 * backlog does not come as a burst that fills the transmit queue. */
#define LOAD_OPENS_A_TURN 64u

/* A core that is away for so long was halted: it has a row of its own in the report. */
#define LOAD_HALT_US 100000u

/* Between two turns. */
struct load_moment {
	uint64_t at_us;                      /* the last turn's beginning; 0: there was none */
	uint64_t attempted, completed, open; /* at its end */
};

struct load_client {
	uint8_t stop; /* enum load_stop: written by any thread, read once a turn */
	bool done;    /* written by the core, read by any */
	bool halted;  /* the stack is ending */
	bool open_loop;
	enum load_close close;
	uint32_t requests; /* of each connection */
	uint32_t timeout_us;
	uint64_t opened;        /* open loop: so many of those that were due */
	uint64_t put_off;       /* the last that found no room, counted from 1 */
	uint64_t rest_until_us; /* opening failed: not before then */
	uint64_t turned_us;     /* this turn's beginning; before it, the last one's */
	uint64_t halted_us;     /* how long it has been halted by then */
	const struct exchange *exchange;
	struct hf_addr peer;
	struct pace pace;
	struct sources sources;
	struct request request;
	struct status_set accept; /* http: of answers that are what was asked for */
	struct conns conns;
	struct http_known known;
	struct load_moment last;
	uint64_t gaps_until_us;            /* so far the steady window's gaps are counted */
	uint32_t fresh[LOAD_OPENS_A_TURN]; /* intended starts of those opened in this turn */
	unsigned nfresh;
	bool repeatable; /* requests: sent again, they do no harm (RFC 9110 9.2.2) */
	struct load_tally tally;
};

/* No further request is to be sent: the window is over, or it was stopped. */
static inline bool
exchange_time_over(const struct load_client *l, uint64_t now_us)
{
	return now_us >= l->pace.end_us || l->halted ||
	       __atomic_load_n(&l->stop, __ATOMIC_RELAXED) != LOAD_GOES_ON;
}

/* The clock of timeouts. It stands still while the core is halted: what has come meanwhile was
 * not heard, and the peer is not to blame for that. */
static inline uint64_t
exchange_awake_us(const struct load_client *l, uint64_t now_us)
{
	uint64_t gap_us = now_us - l->turned_us;

	return now_us - l->halted_us - (gap_us >= LOAD_HALT_US ? gap_us : 0);
}

static inline uint32_t
exchange_elapsed_us(uint64_t now_us, uint32_t since_us)
{
	return (uint32_t)now_us - since_us;
}

/* The handshake is done. */
void exchange_begin(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* The first of what was asked for. */
void exchange_heard(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* Bytes have come. False: they are no answer; what that means has been noted. */
bool exchange_hears(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* Sends it; false: there is no room for it (CONNS_OWES). */
bool exchange_send(struct load_client *l, struct hf_core *h, struct load_conn *x,
        const struct request_text *text);
/* An answer is there, whole and right. */
void exchange_answered(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* All is said: ends the connection as the spec wants it; from the peer's FIN on
 * nothing is left to wait for. */
void exchange_over(
        struct load_client *l, struct hf_core *h, struct load_conn *x, bool peer_fin);
/* ... and the server does not know that it is to close. */
void exchange_leave(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* The server has ended a connection of several requests, and of the next one's answer
 * no byte has come (RFC 9112 9.3.1). */
bool exchange_is_idle(const struct load_conn *x);
/* It will count as this error, if not as an earlier one. */
void exchange_fail(struct hf_core *h, struct load_conn *x, enum load_error error, bool abort);

/* A connection that was counted as open is no more, without an error if that is
 * LOAD_ERROR_COUNT. Its record is free. */
void exchange_end(
        struct load_client *l, struct hf_core *h, struct load_conn *x, enum load_error error);
/* The server was to close, and did not within a second: we do (RFC 9112 9.6). */
void exchange_deadline(struct hf_core *h, void *self, struct hf_conn *c);
/* The closed() of all kinds. */
void exchange_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why);

#endif
