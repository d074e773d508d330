/* SPDX-License-Identifier: BSD-3-Clause */
/* Echo rounds: the payload goes out whole, and each byte that comes back is compared (RFC
 * 862). */
#include <string.h>

#include "load/client/exchange.h"

struct progress {
	uint32_t came;   /* bytes of this round so far, with CONNS_MIDWAY */
	uint32_t rounds; /* complete rounds */
};

static void
load_echo_ask(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	if (!exchange_send(l, h, x, &l->request.more))
		conns_again(&l->conns, x);
}

/* An echo server closes after it has read our FIN. */
static void
load_echo_end_exchange(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	if (l->close == LOAD_CLOSE_SERVER)
		hf_shutdown(h, x->c);
	exchange_over(l, h, x, false);
}

static void
load_echo_round_done(
        struct load_client *l, struct hf_core *h, struct load_conn *x, struct progress *p)
{
	exchange_answered(l, h, x);
	x->flags &= (uint16_t)~CONNS_MIDWAY;
	if (l->requests == 1 || ++p->rounds == l->requests ||
	        exchange_time_over(l, hf_now_us(h)))
		load_echo_end_exchange(l, h, x);
	else
		load_echo_ask(l, h, x);
}

static void
load_echo_take(struct load_client *l, struct hf_core *h, struct load_conn *x,
        const uint8_t *bytes, uint32_t len)
{
	const struct request_text *sent = &l->request.more;
	struct progress *p = conns_progress(&l->conns, x);
	uint32_t came = x->flags & CONNS_MIDWAY ? p->came : 0;

	if (len > sent->len - came || memcmp(sent->bytes + came, bytes, len) != 0) {
		exchange_fail(h, x, LOAD_ERROR_bad_answer, true);
		return;
	}
	counter_add(&l->tally.text_in, len);
	came += len;
	if (came == sent->len) {
		load_echo_round_done(l, h, x, p);
		return;
	}
	p->came = came;
	x->flags |= CONNS_MIDWAY;
}

static void
load_echo_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);

	exchange_begin(l, h, x);
	if (l->requests > 1)
		((struct progress *)conns_progress(&l->conns, x))->rounds = 0;
	load_echo_ask(l, h, x);
}

static uint32_t
load_echo_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);

	if (exchange_hears(l, h, x))
		load_echo_take(l, h, x, bytes, len);
	return len;
}

static void
load_echo_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);
	bool between = (x->flags & CONNS_OWES) && (x->flags & CONNS_HEARD);

	if (x->phase == CONNS_ENDING)
		return;
	if (x->phase == CONNS_WHOLE || between)
		exchange_over(l, h, x, true);
	else
		exchange_fail(h, x, LOAD_ERROR_short_answer, false);
}

static bool
load_echo_again(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	if (x->phase != CONNS_ASKING || !(x->flags & CONNS_OWES))
		return true;
	if (!(x->flags & CONNS_KEPT) || !exchange_time_over(l, hf_now_us(h)))
		return exchange_send(l, h, x, &l->request.more);
	load_echo_end_exchange(l, h, x);
	return true;
}

const struct exchange exchange_echo = {
        .events =
                {
                        .name = "load",
                        .opened = load_echo_opened,
                        .data = load_echo_data,
                        .peer_closed = load_echo_peer_closed,
                        .closed = exchange_closed,
                },
        .again = load_echo_again,
        .progress_size = sizeof(struct progress),
};
