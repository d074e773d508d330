/* SPDX-License-Identifier: BSD-3-Clause */
/* The common parts of all exchanges: sending, counting, closing. */
#include "load/client/exchange.h"

#define NO_ERROR LOAD_ERROR_COUNT
/* The time in which a server must close a connection that it was asked to close. */
#define FIN_WAIT_MS 1000

void
exchange_begin(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	x->phase = CONNS_ASKING;
	counter_add(&l->tally.connected, 1);
	if ((x->flags & (CONNS_STEADY | CONNS_MORE)) == CONNS_STEADY)
		histogram_add(
		        &l->tally.connect, exchange_elapsed_us(hf_now_us(h), x->start_us));
}

void
exchange_heard(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	x->flags |= CONNS_HEARD;
	if (x->flags & CONNS_STEADY)
		histogram_add(
		        &l->tally.first_byte, exchange_elapsed_us(hf_now_us(h), x->start_us));
}

bool
exchange_send(struct load_client *l, struct hf_core *h, struct load_conn *x,
        const struct request_text *text)
{
	uint64_t now_us = hf_now_us(h);

	/* If hf_send() fails and no byte is unacknowledged, no room() will come: the flag makes
	 * the next turn try again. */
	x->flags |= CONNS_OWES;
	if (hf_send(h, x->c, text->bytes, text->len) != 0)
		return false;
	x->flags &= (uint16_t)~CONNS_OWES;
	x->sent_us = (uint32_t)now_us;
	if (x->flags & CONNS_KEPT)
		conns_renew(&l->conns, x, exchange_awake_us(l, now_us));
	return true;
}

void
exchange_answered(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	uint64_t now_us = hf_now_us(h);

	x->flags |= CONNS_KEPT;
	counter_add(&l->tally.requests, 1);
	if (pace_steady(&l->pace, now_us))
		counter_add(&l->tally.window_requests, 1);
	if (!(x->flags & CONNS_STEADY))
		return;
	counter_add(&l->tally.window_due_requests, 1);
	histogram_add(&l->tally.request, exchange_elapsed_us(now_us, x->sent_us));
}

bool
exchange_hears(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	if (x->phase == CONNS_ENDING)
		return false;
	if (!(x->flags & CONNS_HEARD))
		exchange_heard(l, h, x);
	if (x->phase == CONNS_ASKING && !(x->flags & CONNS_OWES))
		return true;
	exchange_fail(h, x, LOAD_ERROR_bad_answer, true);
	return false;
}

void
exchange_leave(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	x->phase = CONNS_ENDING;
	if (l->close != LOAD_CLOSE_RST) {
		hf_close(h, x->c);
		return;
	}
	x->flags |= CONNS_RST;
	hf_abort(h, x->c);
}

/* This close puts TIME-WAIT on the server's side, so the server may close first for a while. */
static void
wait_for_fin(struct hf_core *h, struct load_conn *x)
{
	x->phase = CONNS_WHOLE;
	hf_deadline(h, x->c, FIN_WAIT_MS);
}

void
exchange_over(struct load_client *l, struct hf_core *h, struct load_conn *x, bool peer_fin)
{
	if (l->close == LOAD_CLOSE_SERVER && !peer_fin)
		wait_for_fin(h, x);
	else
		exchange_leave(l, h, x);
}

void
exchange_deadline(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);

	if (x->phase != CONNS_WHOLE)
		return;
	counter_add(&l->tally.closed_by_us, 1);
	conns_renew(
	        &l->conns, x, exchange_awake_us(l, hf_now_us(h))); /* the close's own time */
	exchange_leave(l, h, x);
}

bool
exchange_is_idle(const struct load_conn *x)
{
	return x->phase == CONNS_ASKING && (x->flags & CONNS_KEPT) &&
	       !(x->flags & CONNS_MIDWAY);
}

void
exchange_fail(struct hf_core *h, struct load_conn *x, enum load_error error, bool abort)
{
	if (x->error == NO_ERROR)
		x->error = (uint8_t)error;
	x->phase = CONNS_ENDING;
	if (abort)
		hf_abort(h, x->c);
	else
		hf_close(h, x->c);
}

/* The error that the connection counts as, or NO_ERROR. */
static enum load_error
conn_verdict(const struct load_conn *x, enum hf_reason why)
{
	bool ending = x->phase == CONNS_ENDING;

	if (x->error != NO_ERROR)
		return (enum load_error)x->error;
	/* Our request or our FIN may have reached a socket that the server had closed. */
	if ((x->flags & CONNS_IDLE) && (why == HF_CLOSED || why == HF_RESET))
		return NO_ERROR;
	switch (why) {
	case HF_CLOSED: /* the exchange is complete only if we ended it */
		return ending ? NO_ERROR : LOAD_ERROR_short_answer;
	case HF_ABORTED: /* our RST as intended, or bytes came after the answer's end */
		return ending && (x->flags & CONNS_RST) ? NO_ERROR : LOAD_ERROR_bad_answer;
	case HF_RESET:
		return LOAD_ERROR_reset;
	case HF_REFUSED:
		return LOAD_ERROR_refused;
	case HF_HOST_UNREACHABLE:
	case HF_NET_UNREACHABLE:
	case HF_NO_PROTOCOL:
	case HF_PROHIBITED:
	case HF_BAD_PROTOCOL:
		return LOAD_ERROR_unreachable;
	case HF_TIMEOUT:
		return LOAD_ERROR_timeout;
	case HF_STOPPED:
	case HF_PRESSURE: /* only accepted or lingering connections end so */
		break;
	}
	return LOAD_ERROR_stopped;
}

/* The latency counts from the intended start. */
static void
note_whole_conn(struct load_client *l, const struct load_conn *x, uint64_t now_us)
{
	uint32_t took_us = exchange_elapsed_us(now_us, x->start_us);
	uint64_t since_us = now_us - took_us - l->pace.steady_us;

	counter_add(&l->tally.window_due_completed, 1);
	histogram_add(&l->tally.whole, took_us);
	trend_add(&l->tally.whole_trend, (double)since_us / 1e6, (double)took_us / 1e6);
}

static void
count_completed(struct load_client *l, const struct load_conn *x, uint64_t now_us)
{
	counter_add(&l->tally.completed, 1);
	if (pace_steady(&l->pace, now_us))
		counter_add(&l->tally.window_completed, 1);
	if (x->flags & CONNS_STEADY)
		note_whole_conn(l, x, now_us);
}

void
exchange_end(
        struct load_client *l, struct hf_core *h, struct load_conn *x, enum load_error error)
{
	uint64_t now_us = hf_now_us(h);
	bool listed = x->flags & CONNS_AGAIN;

	if (error == NO_ERROR)
		count_completed(l, x, now_us);
	else
		load_tally_failed(&l->tally, error, x->flags & CONNS_STEADY);
	counter_add(&l->tally.open, (uint64_t)-1);
	if (x->flags & CONNS_QUEUED)
		conns_unqueue(&l->conns, x);
	x->start_us = (uint32_t)now_us;
	x->flags = CONNS_FREED | (listed ? CONNS_AGAIN : 0);
	x->phase = CONNS_GONE;
	if (!listed)
		conns_give(&l->conns, x);
}

/* The connection still counts as open, and continues in this turn or a later one. */
static void
conn_part(struct load_client *l, struct load_conn *x)
{
	if (x->flags & CONNS_QUEUED)
		conns_unqueue(&l->conns, x);
	x->flags &= (uint16_t) ~(CONNS_IDLE | CONNS_KEPT | CONNS_OWES);
	x->flags |= CONNS_MORE;
	x->phase = CONNS_PARTED;
	x->c = NULL;
	conns_again(&l->conns, x);
}

/* A RST between two requests: the server had closed before our next request came (RFC 9112
 * 9.3.1). */
static void
note_idle_reset(struct load_client *l, struct load_conn *x, enum hf_reason why)
{
	if (why != HF_RESET || !l->exchange->self_defining || !exchange_is_idle(x))
		return;
	counter_add(&l->tally.closed_idle, 1);
	x->flags |= CONNS_IDLE;
}

void
exchange_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);
	enum load_error error;

	note_idle_reset(l, x, why);
	error = conn_verdict(x, why);
	if (error == NO_ERROR && (x->flags & CONNS_IDLE) && l->repeatable &&
	        !exchange_time_over(l, hf_now_us(h)))
		conn_part(l, x);
	else
		exchange_end(l, h, x, error);
}
