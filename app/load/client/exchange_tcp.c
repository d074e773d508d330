/* SPDX-License-Identifier: BSD-3-Clause */
/* Plain TCP: a handshake, a payload if any, a close. Bytes of the server are taken and
 * ignored, since some servers send a greeting. */
#include "load/client/exchange.h"

/* Our RST would overtake unacknowledged bytes, and in opened() even the last ACK of the
 * handshake: the server would never see the connection. So the RST waits until all is
 * acknowledged, and at least for the next turn. */
static void
load_tcp_reset_when_acked(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	if (hf_unacked(h, x->c) == 0)
		exchange_over(l, h, x, false);
}

static void
load_tcp_payload_sent(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	switch (l->close) {
	case LOAD_CLOSE_FIN:
		x->phase = CONNS_ENDING;
		hf_linger(h, x->c);
		return;
	case LOAD_CLOSE_RST:
		x->phase = CONNS_WHOLE;
		conns_again(&l->conns, x);
		return;
	case LOAD_CLOSE_SERVER:
		x->phase = CONNS_WHOLE;
		return;
	}
}

/* False: there is no room. */
static bool
load_tcp_send_payload(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	if (l->request.last.len > 0 && !exchange_send(l, h, x, &l->request.last))
		return false;
	load_tcp_payload_sent(l, h, x);
	return true;
}

static void
load_tcp_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);

	exchange_begin(l, h, x);
	if (!load_tcp_send_payload(l, h, x))
		conns_again(&l->conns, x);
}

static uint32_t
load_tcp_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct load_client *l = self;

	(void)h;
	(void)c;
	(void)bytes;
	counter_add(&l->tally.text_in, len);
	return len;
}

static void
load_tcp_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);

	if (x->phase == CONNS_WHOLE && l->close == LOAD_CLOSE_RST)
		load_tcp_reset_when_acked(l, h, x);
}

/* A FIN before our payload was sent: the server did not read all of it. */
static void
load_tcp_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct load_client *l = self;
	struct load_conn *x = hf_ctx(c);

	if (x->phase == CONNS_ASKING)
		exchange_fail(h, x, LOAD_ERROR_short_answer, false);
	else if (x->phase == CONNS_WHOLE && l->close == LOAD_CLOSE_SERVER)
		exchange_over(l, h, x, true);
}

static bool
load_tcp_again(struct load_client *l, struct hf_core *h, struct load_conn *x)
{
	if (x->phase == CONNS_ASKING)
		return load_tcp_send_payload(l, h, x);
	if (x->phase == CONNS_WHOLE)
		load_tcp_reset_when_acked(l, h, x);
	return true;
}

const struct exchange exchange_tcp = {
        .events =
                {
                        .name = "load",
                        .opened = load_tcp_opened,
                        .data = load_tcp_data,
                        .room = load_tcp_room,
                        .peer_closed = load_tcp_peer_closed,
                        .closed = exchange_closed,
                },
        .again = load_tcp_again,
};
