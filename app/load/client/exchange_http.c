/* SPDX-License-Identifier: BSD-3-Clause */
/* HTTP requests and answers, one after the other (RFC 9112 9.3). Nothing is pipelined, so
 * bytes without a request are an error. */
#include "load/client/exchange.h"

struct progress {
	struct http_answer answer; /* the answer so far, with CONNS_MIDWAY */
	uint32_t answered;         /* answers so far, with several requests on a connection */
};

/* False: there is no room. */
static bool
load_http_ask(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	const struct progress *p = conns_progress(&l->conns, x);
	bool last = l->requests == 1 || p->answered + 1 == l->requests ||
	            exchange_time_over(l, hf_now_us(h));

	return exchange_send(l, h, x, last ? &l->request.last : &l->request.more);
}

/* Does the spec want more answers on this connection? */
static bool
conn_wants_more(struct load_client *l, struct load_conn *x)
{
	struct progress *p = conns_progress(&l->conns, x);

	return l->requests > 1 && ++p->answered < l->requests;
}

/* The request waits for the turn's end. By then a FIN that came with the answer is known, and
 * no request goes to a server that has closed (RFC 9112 9.3.1). */
static void
load_http_ask_soon(struct load_client *l, struct load_conn *x)
{
	x->flags |= CONNS_OWES;
	conns_again(&l->conns, x);
}

static bool
status_is_accepted(const struct load_client *l, const struct http_answer *a)
{
	return status_set_has(&l->accept, a->status);
}

/* Redirects are not followed, so the wanted page was not measured. */
static void
load_http_refuse(struct load_client *l, struct hf_core *h, struct load_conn *x,
        const struct http_answer *a, bool abort)
{
	bool redirects = a->status >= 300 && a->status < 400;

	counter_add(&l->tally.status[a->status - STATUS_FIRST], 1);
	exchange_fail(h, x, redirects ? LOAD_ERROR_redirect : LOAD_ERROR_bad_status, abort);
}

static void
load_http_answered(struct load_client *l, struct hf_core *h, struct load_conn *x,
        const struct http_answer *a, bool peer_fin)
{
	if (!status_is_accepted(l, a)) {
		load_http_refuse(l, h, x, a, false);
		return;
	}
	counter_add(&l->tally.status[a->status - STATUS_FIRST], 1);
	exchange_answered(l, h, x);
	x->flags &= (uint16_t)~CONNS_MIDWAY;
	if (!conn_wants_more(l, x) || http_answer_closes(a))
		exchange_over(l, h, x, peer_fin);
	else if (exchange_time_over(l, hf_now_us(h)))
		exchange_leave(l, h, x);
	else
		load_http_ask_soon(l, x);
}

/* Parses the next bytes of an answer. Returns the number of bytes that belong to it. */
static uint32_t
answer_read_on(struct load_client *l, struct load_conn *x, struct http_answer *a,
        const uint8_t *bytes, uint32_t len)
{
	uint64_t body = 0;
	uint32_t n = 0;

	if (x->flags & CONNS_MIDWAY) {
		*a = ((struct progress *)conns_progress(&l->conns, x))->answer;
	} else if (http_known_begins(&l->known, bytes, len)) {
		*a = l->known.after;
		n = l->known.len;
	} else {
		*a = (struct http_answer) {0};
		n = http_answer_take_head(a, bytes, len);
		if (http_answer_is(a) != HTTP_ANSWER_HEAD)
			http_known_learn(&l->known, a, bytes, n);
	}
	n += http_answer_take(a, bytes + n, len - n, &body);
	counter_add(&l->tally.text_in, body);
	return n;
}

static void
load_http_take(struct load_client *l, struct hf_core *h, struct load_conn *x,
        const uint8_t *bytes, uint32_t len)
{
	struct http_answer a;
	uint32_t n = answer_read_on(l, x, &a, bytes, len);

	switch (http_answer_is(&a)) {
	case HTTP_ANSWER_DONE:
		if (n == len)
			load_http_answered(l, h, x, &a, false);
		else
			exchange_fail(h, x, LOAD_ERROR_bad_answer, true);
		return;
	case HTTP_ANSWER_BAD:
		exchange_fail(h, x, LOAD_ERROR_bad_answer, true);
		return;
	case HTTP_ANSWER_BODY:
		if (!status_is_accepted(l, &a)) {
			load_http_refuse(l, h, x, &a, true);
			return;
		}
		break;
	case HTTP_ANSWER_HEAD:
		break;
	}
	((struct progress *)conns_progress(&l->conns, x))->answer = a;
	x->flags |= CONNS_MIDWAY;
}

static void
load_http_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);

	exchange_begin(l, h, x);
	if (l->requests > 1 && !(x->flags & CONNS_MORE))
		((struct progress *)conns_progress(&l->conns, x))->answered = 0;
	if (!load_http_ask(l, h, x))
		conns_again(&l->conns, x);
}

static uint32_t
load_http_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);

	if (exchange_hears(l, h, x))
		load_http_take(l, h, x, bytes, len);
	return len;
}

/* The server closed before it got the request that we have sent. */
static void
load_http_left_idle(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	counter_add(&l->tally.closed_idle, 1);
	x->flags |= CONNS_IDLE;
	x->phase = CONNS_ENDING;
	hf_close(h, x->c);
}

/* The FIN may complete an answer, or it may come when no request is out. */
static void
load_http_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);
	const struct progress *p = conns_progress(&l->conns, x);
	bool between = (x->flags & CONNS_OWES) && exchange_is_idle(x);

	if (x->phase == CONNS_ENDING)
		return;
	if (x->phase == CONNS_WHOLE || between)
		exchange_over(l, h, x, true);
	else if ((x->flags & CONNS_MIDWAY) && http_answer_ends_here(&p->answer))
		load_http_answered(l, h, x, &p->answer, true);
	else if (exchange_is_idle(x))
		load_http_left_idle(l, h, x);
	else
		exchange_fail(h, x, LOAD_ERROR_short_answer, false);
}

static bool
load_http_again(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	if (x->phase != CONNS_ASKING || !(x->flags & CONNS_OWES))
		return true;
	if (!(x->flags & CONNS_KEPT) || !exchange_time_over(l, hf_now_us(h)))
		return load_http_ask(l, h, x);
	exchange_leave(l, h, x);
	return true;
}

const struct exchange exchange_http = {
        .events =
                {
                        .name = "load",
                        .opened = load_http_opened,
                        .data = load_http_data,
                        .peer_closed = load_http_peer_closed,
                        .deadline = exchange_deadline,
                        .closed = exchange_closed,
                },
        .again = load_http_again,
        .progress_size = sizeof(struct progress),
        .self_defining = true,
};
