/* SPDX-License-Identifier: BSD-3-Clause */
/* exchange: what a load's connections send and expect, by kind, and how they end.
 *
 * Each kind has its own events, and its connections are opened with them, so that no event has
 * to look up the kind. The instance is always a struct load_client.
 *
 * Threads    the core's, but for `stop` and `done`.
 * Ownership  a record belongs to the exchange from hf_connect() to exchange_end().
 * Errors     a connection is counted once, in closed(): as completed or as one error. An
 *            earlier failure stays in its record until then.
 * Bounds     a timeout for each request; FIN_WAIT_MS for a server that must close.
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
	/* Handles a record of the waiting list. False: there is still no room. */
	bool (*again)(struct load_client *l, struct hf_core *h, struct load_conn *x);
	uint32_t progress_size;
	/* Answers mark their own end. So they are whole whichever side closes, and requests
	 * may be sent again on another connection. */
	bool self_defining;
};

extern const struct exchange exchange_http;
extern const struct exchange exchange_echo;
extern const struct exchange exchange_tcp;

enum load_stop { LOAD_GOES_ON, LOAD_STOP, LOAD_CUT };

/* The bound leaves open connections their share of the core, and it keeps a backlog from
 * filling the transmit queue in one burst. */
#define LOAD_OPENS_A_TURN 64u

/* A core that does not run for this long is halted, and the report gets a row for that. */
#define LOAD_HALT_US 100000u

/* The last turn: its beginning, and the counts at its end. */
struct load_moment {
	uint64_t at_us; /* 0: there was no turn */
	uint64_t attempted;
	uint64_t completed;
	uint64_t open;
};

struct load_client {
	uint8_t stop; /* enum load_stop: written by any thread, read once a turn */
	bool done;    /* written by the core, read by any */
	bool halted;  /* the stack is ending */
	bool open_loop;
	enum load_close close;
	uint32_t requests; /* of each connection */
	uint32_t timeout_us;
	uint64_t opened;        /* open loop: connections attempted of those that were due */
	uint64_t put_off;       /* the last connection that found no room, counted from 1 */
	uint64_t rest_until_us; /* opening failed: no attempt before this */
	uint64_t turned_us;     /* beginning of this turn, or of the last one between turns */
	uint64_t halted_us;     /* sum of all halts up to turned_us */
	const struct exchange *exchange;
	struct hf_addr peer;
	struct pace pace;
	struct sources sources;
	struct request request;
	struct status_set accept; /* http: statuses that complete a request */
	struct conns conns;
	struct http_known known;
	struct load_moment last;
	uint64_t gaps_until_us; /* gaps of the steady window are counted up to here */
	uint32_t fresh[LOAD_OPENS_A_TURN]; /* intended starts of this turn's connections */
	unsigned nfresh;
	bool repeatable; /* a request may be sent twice without harm (RFC 9110 9.2.2) */
	struct load_tally tally;
};

/* True: no further request may be sent, since the window is over or the load was stopped. */
static inline bool
exchange_time_over(const struct load_client *l, uint64_t now_us)
{
	return now_us >= l->pace.end_us || l->halted ||
	       __atomic_load_n(&l->stop, __ATOMIC_RELAXED) != LOAD_GOES_ON;
}

/* The clock of timeouts. It stands still while the core is halted: what arrives then is not
 * handled, and that is no fault of the peer. */
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
/* The first byte of an answer has come. */
void exchange_heard(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* Bytes have come. False: no answer was due, and the failure has been noted. */
bool exchange_hears(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* Sends a request. False: there is no room, and CONNS_OWES is set. */
bool exchange_send(struct load_client *l, struct hf_core *h, struct load_conn *x,
        const struct request_text *text);
/* A whole answer has come, and it is right. */
void exchange_answered(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* The exchange is complete: ends the connection as the spec wants it. With peer_fin it does
 * not wait for the server's close. */
void exchange_over(
        struct load_client *l, struct hf_core *h, struct load_conn *x, bool peer_fin);
/* Ends the connection without waiting for the server, which was not asked to close. */
void exchange_leave(struct load_client *l, struct hf_core *h, struct load_conn *x);
/* The connection has brought whole answers, and no byte of the next one (RFC 9112 9.3.1). */
bool exchange_is_idle(const struct load_conn *x);
/* The connection will count as this error, unless it has an earlier one. */
void exchange_fail(struct hf_core *h, struct load_conn *x, enum load_error error, bool abort);

/* Counts the end of a connection and frees its record. LOAD_ERROR_COUNT: it was completed. */
void exchange_end(
        struct load_client *l, struct hf_core *h, struct load_conn *x, enum load_error error);
/* The server did not close within FIN_WAIT_MS, so we close (RFC 9112 9.6). */
void exchange_deadline(struct hf_core *h, void *self, struct hf_conn *c);
/* The closed() of all kinds. */
void exchange_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why);

#endif
