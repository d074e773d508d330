/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/exchange.h"

#define NO_ERROR LOAD_ERROR_COUNT

void
exchange_begin(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	x->phase = CONNS_ASKING;
	counter_add(&l->tally.connected, 1);
	if (x->flags & CONNS_STEADY)
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

void
exchange_send(struct load_client *l, struct hf_core *h, struct load_conn *x,
        const struct request_text *text)
{
	if (hf_send(h, x->c, text->bytes, text->len) == 0) {
		x->flags &= (uint8_t)~CONNS_OWES;
		x->sent_us = (uint32_t)hf_now_us(h);
		return;
	}
	/* Nothing may be on its way whose acknowledgement would bring room(). */
	x->flags |= CONNS_OWES;
	conns_again(&l->conns, x);
}

void
exchange_answered(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	uint64_t now_us = hf_now_us(h);

	counter_add(&l->tally.requests, 1);
	if (pace_steady(&l->pace, now_us))
		counter_add(&l->tally.window_requests, 1);
	if (x->flags & CONNS_STEADY)
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
exchange_over(struct load_client *l, struct hf_core *h, struct load_conn *x, bool peer_fin)
{
	x->phase = CONNS_ENDING;
	switch (l->close) {
	case LOAD_CLOSE_RST:
		x->flags |= CONNS_RST;
		hf_abort(h, x->c);
		return;
	case LOAD_CLOSE_SERVER:
		if (!peer_fin) {
			x->phase = CONNS_WHOLE;
			return;
		}
		break;
	case LOAD_CLOSE_FIN:
		break;
	}
	hf_close(h, x->c);
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

/* As what it counts. */
static enum load_error
verdict(const struct load_conn *x, enum hf_reason why)
{
	bool ending = x->phase == CONNS_ENDING;

	if (x->error != NO_ERROR)
		return (enum load_error)x->error;
	switch (why) {
	case HF_CLOSED: /* only we can say that all was said */
		return ending ? NO_ERROR : LOAD_ERROR_short_answer;
	case HF_ABORTED: /* ours, or an answer went on behind its end */
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
	case HF_PRESSURE: /* only what was accepted, or left */
		break;
	}
	return LOAD_ERROR_stopped;
}

static void
count_completed(struct load_client *l, const struct load_conn *x, uint64_t now_us)
{
	counter_add(&l->tally.completed, 1);
	if (pace_steady(&l->pace, now_us))
		counter_add(&l->tally.window_completed, 1);
	if (x->flags & CONNS_STEADY)
		histogram_add(&l->tally.whole, exchange_elapsed_us(now_us, x->start_us));
}

void
exchange_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);
	enum load_error error = verdict(x, why);

	if (error == NO_ERROR)
		count_completed(l, x, hf_now_us(h));
	else
		counter_add(&l->tally.error[error], 1);
	counter_add(&l->tally.open, (uint64_t)-1);
	if (x->flags & CONNS_QUEUED)
		conns_unqueue(&l->conns, x);
	if (x->flags & CONNS_AGAIN)
		x->phase = CONNS_GONE;
	else
		conns_give(&l->conns, x);
}
