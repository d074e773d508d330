/* SPDX-License-Identifier: BSD-3-Clause */
/* The application's side of a connection (RFC 9293 3.9.1). An event's own
 * connection speaks when the event returns; any other at the end of the turn. */
#include "handfast/handfast.h"

#include <errno.h>

#include "tcp/close.h"
#include "tcp/kept.h"
#include "tcp/pend.h"
#include "tcp/reasm.h"
#include "tcp/sends.h"
#include "tcp/timers.h"
#include "tcp/urgent.h"
#include "tcp/window.h"

#define BUF_ROOM_MIN 1024

static struct tcp *
core(struct hf_core *h)
{
	return (struct tcp *)h;
}

static struct tcp_conn *
conn(struct hf_conn *c)
{
	return (struct tcp_conn *)c;
}

static const struct tcp_conn *
conn_const(const struct hf_conn *c)
{
	return (const struct tcp_conn *)c;
}

static void
speak(struct tcp *t, struct tcp_conn *c)
{
	if (c != t->current)
		tcp_pend(t, c);
}

const char *
hf_reason_name(enum hf_reason why)
{
	switch (why) {
	case HF_CLOSED:
		return "closed";
	case HF_RESET:
		return "reset";
	case HF_REFUSED:
		return "refused";
	case HF_TIMEOUT:
		return "timeout";
	case HF_ABORTED:
		return "aborted";
	case HF_STOPPED:
		return "stopped";
	case HF_PRESSURE:
		return "pressure";
	case HF_HOST_UNREACHABLE:
		return "host unreachable";
	case HF_NET_UNREACHABLE:
		return "net unreachable";
	case HF_NO_PROTOCOL:
		return "no such protocol";
	case HF_PROHIBITED:
		return "prohibited";
	case HF_BAD_PROTOCOL:
		return "protocol error";
	}
	return "unknown";
}

int
hf_reason_errno(enum hf_reason why)
{
	switch (why) {
	case HF_CLOSED:
		return 0;
	case HF_RESET:
		return ECONNRESET;
	case HF_REFUSED:
		return ECONNREFUSED;
	case HF_TIMEOUT:
		return ETIMEDOUT;
	case HF_ABORTED:
		return ECONNABORTED;
	case HF_STOPPED:
		return ESHUTDOWN;
	case HF_PRESSURE:
		return ENOBUFS;
	case HF_HOST_UNREACHABLE:
	case HF_PROHIBITED:
		return EHOSTUNREACH;
	case HF_NET_UNREACHABLE:
		return ENETUNREACH;
	case HF_NO_PROTOCOL:
		return ENOPROTOOPT;
	case HF_BAD_PROTOCOL:
		return EPROTO;
	}
	return EINVAL;
}

/* Not opened yet: what is queued waits, and there is no window to offer. */
static bool
is_opening(const struct tcp_conn *c)
{
	return c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;
}

int
hf_connect(struct hf_core *h, const struct hf_service *service, void *self,
        const struct hf_open *how, struct hf_conn **c)
{
	return tcp_open(core(h), service, self, how, (struct tcp_conn **)c);
}

static int
queue(struct tcp *t, struct tcp_conn *c, const void *bytes, uint32_t len, void *buf)
{
	int rc;

	if ((c->flags & (CONN_SHUTDOWN | CONN_ABORT | CONN_ENDED)) ||
	        (c->state != TCP_ESTABLISHED && c->state != TCP_CLOSE_WAIT && !is_opening(c)))
		return -EPIPE;
	if (len == 0) {
		kept_give(t, buf);
		return 0;
	}
	rc = sends_append(t, c, bytes, len, buf);
	if (rc == -ENOBUFS && !sends_is_full(t, c))
		pressure_want_send(t, c); /* the core has none left */
	if (rc == 0)
		speak(t, c);
	return rc;
}

int
hf_send(struct hf_core *h, struct hf_conn *c, const void *bytes, uint32_t len)
{
	return queue(core(h), conn(c), bytes, len, NULL);
}

int
hf_send_buf(
        struct hf_core *h, struct hf_conn *c, struct hf_buf *b, const void *bytes, uint32_t len)
{
	return queue(core(h), conn(c), bytes, len, b);
}

static bool
may_keep(struct tcp *t, const struct tcp_conn *c)
{
	if (kept_may(t))
		return true;
	pressure_want_send(t, c); /* whoever holds one in vain gives it back */
	return false;
}

struct hf_buf *
hf_keep(struct hf_core *h, struct hf_conn *c)
{
	struct tcp *t = core(h);
	void *buf;

	/* in data() of c alone: the packet of another connection is not its */
	if (t->delivering == NULL || *t->delivering == NULL || conn(c) != t->current ||
	        !may_keep(t, conn(c)))
		return NULL;
	/* what data() does not take of a piece that is held must stay with us */
	buf = t->offering != NULL ? reasm_give(t, t->offering) : *t->delivering;
	if (buf == NULL)
		return NULL;
	if (t->offering == NULL)
		*t->delivering = NULL;
	t->delivering = NULL;
	kept_take(t);
	return buf;
}

struct hf_buf *
hf_buf_alloc(struct hf_core *h, uint8_t **bytes, uint32_t *room)
{
	struct tcp *t = core(h);
	void *buf;

	if (!may_keep(t, t->current))
		return NULL;
	buf = t->buf_alloc(t->below, bytes, room);
	if (buf == NULL)
		return NULL;
	kept_take(t);
	if (*room < BUF_ROOM_MIN) {
		kept_give(t, buf);
		return NULL;
	}
	return buf;
}

void
hf_buf_free(struct hf_core *h, struct hf_buf *b)
{
	kept_give(core(h), b);
}

int
hf_shutdown(struct hf_core *h, struct hf_conn *c)
{
	struct tcp_conn *k = conn(c);

	if (k->flags & (CONN_SHUTDOWN | CONN_ABORT | CONN_ENDED))
		return -EPIPE;
	tcp_shut(k);
	speak(core(h), k);
	return 0;
}

static void
leave(struct tcp *t, struct tcp_conn *c, uint16_t how)
{
	if (c->flags & CONN_ENDED)
		return;
	tcp_leave(t, c, how);
	speak(t, c);
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
	speak(core(h), conn(c));
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

	if (is_opening(k) || (k->flags & CONN_ENDED))
		return;
	k->rcv_wnd = field < UINT16_MAX ? (uint16_t)field : UINT16_MAX;
	window_opened(t, k);
	if (k->flags & CONN_ACK_NOW)
		speak(t, k);
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

	return tcp_snd_end(core(h), k) - k->snd_una - is_opening(k);
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
