/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening, ending and adjusting a connection (RFC 9293 3.9.1). */
#include "api/private.h"

#include <errno.h>

#include "tcp/close.h"
#include "tcp/pend.h"
#include "tcp/sends.h"
#include "tcp/timers.h"
#include "tcp/urgent.h"
#include "tcp/window.h"

int
hf_connect(struct hf_core *h, const struct hf_service *service, void *self,
        const struct hf_open *how, struct hf_conn **c)
{
	return tcp_open(core(h), service, self, how, (struct tcp_conn **)c);
}

int
hf_shutdown(struct hf_core *h, struct hf_conn *c)
{
	struct tcp_conn *k = conn(c);

	if (k->flags & (CONN_SHUTDOWN | CONN_ABORT | CONN_ENDED))
		return -EPIPE;
	tcp_shut(k);
	api_speak(core(h), k);
	return 0;
}

static void
leave(struct tcp *t, struct tcp_conn *c, uint16_t how)
{
	if (c->flags & CONN_ENDED)
		return;
	tcp_leave(t, c, how);
	api_speak(t, c);
}

void
hf_close(struct hf_core *h, struct hf_conn *c)
{
	leave(core(h), conn(c), 0);
}

void
hf_linger(struct hf_core *h, struct hf_conn *c)
{
	leave(core(h), conn(c), CONN_LINGER);
}

void
hf_abort(struct hf_core *h, struct hf_conn *c)
{
	if (conn(c)->flags & CONN_ENDED)
		return;
	conn(c)->flags |= CONN_ABORT;
	api_speak(core(h), conn(c));
}

void
hf_deadline(struct hf_core *h, struct hf_conn *c, uint32_t ms)
{
	if (!(conn(c)->flags & (CONN_APP_GONE | CONN_ABORT | CONN_ENDED)))
		tcp_timers_deadline(core(h), conn(c), ms);
}

void
hf_deadline_later(struct hf_core *h, struct hf_conn *c, uint32_t ms, uint32_t most_ms)
{
	if (!(conn(c)->flags & (CONN_APP_GONE | CONN_ENDED)))
		tcp_timers_later(core(h), conn(c), ms, most_ms);
}

void
hf_recv_room(struct hf_core *h, struct hf_conn *c, uint32_t bytes)
{
	struct tcp *t = core(h);
	struct tcp_conn *k = conn(c);
	uint32_t step = t->conf.rcv_wnd / 2 < k->mss ? t->conf.rcv_wnd / 2 : k->mss;
	/* RFC 9293 3.8.6.2.2: less than a segment, or half of a small buffer, is a
	 * silly window; better none until there is room. */
	uint32_t field = bytes < step ? 0 : bytes >> k->rcv_wscale;

	if (api_is_opening(k) || (k->flags & CONN_ENDED))
		return;
	k->rcv_wnd = field < UINT16_MAX ? (uint16_t)field : UINT16_MAX;
	window_opened(t, k);
	if (k->flags & CONN_ACK_NOW)
		api_speak(t, k);
	if (bytes != 0)
		pend_resume(t, k);
}

void
hf_resume(struct hf_core *h, struct hf_conn *c)
{
	if (!(conn(c)->flags & CONN_ENDED))
		pend_resume(core(h), conn(c));
}

uint32_t
hf_unacked(struct hf_core *h, const struct hf_conn *c)
{
	const struct tcp_conn *k = conn_const(c);

	return tcp_snd_end(core(h), k) - k->snd_una - api_is_opening(k);
}

uint32_t
hf_urgent(struct hf_core *h, const struct hf_conn *c)
{
	return tcp_urgent_left(core(h), conn_const(c));
}

int
hf_set_dscp(struct hf_core *h, struct hf_conn *c, unsigned dscp)
{
	if (dscp > TCP_DSCP_MAX)
		return -EINVAL;
	tcp_rare(core(h), conn(c))->tos = (uint8_t)(dscp << TCP_DSCP_SHIFT);
	conn(c)->marked = 1;
	return 0;
}

int
hf_set_ttl(struct hf_core *h, struct hf_conn *c, unsigned ttl)
{
	if (ttl == 0 || ttl > UINT8_MAX)
		return -EINVAL;
	tcp_rare(core(h), conn(c))->ttl = (uint8_t)ttl;
	conn(c)->marked = 1;
	return 0;
}

int
hf_set_retries(struct hf_core *h, struct hf_conn *c, unsigned n)
{
	if (n == 0 || n > LIMIT_RETRIES)
		return -EINVAL;
	tcp_rare(core(h), conn(c))->retries = n & 15;
	return 0;
}

void
hf_set_ctx(struct hf_conn *c, void *ctx)
{
	conn(c)->ctx = ctx;
}

void *
hf_ctx(const struct hf_conn *c)
{
	return conn_const(c)->ctx;
}

struct hf_addr
hf_peer(const struct hf_conn *c)
{
	const struct flow_key *k = &conn_const(c)->key;

	return (struct hf_addr) {.addr = k->raddr, .port = k->rport};
}

struct hf_addr
hf_local(const struct hf_conn *c)
{
	const struct flow_key *k = &conn_const(c)->key;

	return (struct hf_addr) {.addr = k->laddr, .port = k->lport};
}

uint64_t
hf_now_us(const struct hf_core *h)
{
	return ((const struct tcp *)h)->now.us;
}

uint32_t
hf_draining(const struct hf_core *h)
{
	const struct tcp *t = (const struct tcp *)h;

	if (!t->draining)
		return 0;
	return seq_gt(t->drain_end_ms, t->now.ms) ? t->drain_end_ms - t->now.ms : 1;
}
