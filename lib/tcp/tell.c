/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls of the application's events (struct hf_service). */
#include "tcp/tell.h"

#include <assert.h>
#include "tcp/close.h"
#include "tcp/pend.h"
#include "tcp/timers.h"
#include "tcp/users.h"

static struct tcp_user *
conn_user(struct tcp *t, const struct tcp_conn *c)
{
	return &t->user[c->user];
}

void
tcp_tell_closed(struct tcp *t, struct tcp_conn *c, enum hf_reason why)
{
	struct tcp_user *u = conn_user(t, c);

	if (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED)
		u->opening--;
	else
		u->open--;
	c->flags |= CONN_ENDED;
	if (u->service->closed != NULL && !u->leaving)
		u->service->closed((struct hf_core *)t, u->self, (struct hf_conn *)c, why);
	users_leave(u);
}

/* Apply the settings of the listener. The window that the handshake offered is not taken back
 * (RFC 9293 3.8.6). A window below a segment would cause a silly window. */
static void
listener_settings(struct tcp *t, struct tcp_conn *c, const struct tcp_user *u)
{
	uint32_t bytes = u->rcv_wnd > c->mss ? u->rcv_wnd : c->mss, field;

	if (u->rcv_wnd != 0) {
		field = bytes >> c->rcv_wscale;
		c->rcv_wnd = field < UINT16_MAX ? (uint16_t)field : UINT16_MAX;
	}
	if (u->idle_ms != 0)
		tcp_timers_idle(t, c, u->idle_ms);
}

void
tcp_tell_opened(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = conn_user(t, c);

	u->opening -= u->port == 0;
	u->opened++;
	u->open++;
	if (u->rcv_wnd != 0 || u->idle_ms != 0)
		listener_settings(t, c, u);
	/* an application that left or aborted in this turn hears nothing more */
	if (u->service->opened != NULL && !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		u->service->opened((struct hf_core *)t, u->self, (struct hf_conn *)c);
	if (t->draining)
		tcp_tell_draining(t, c);
}

void
tcp_tell_draining(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = conn_user(t, c);
	struct tcp_rare *r = tcp_rare(t, c);

	if (r->drain_told)
		return;
	r->drain_told = 1;
	if (u->service->draining != NULL && !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		u->service->draining((struct hf_core *)t, u->self, (struct hf_conn *)c);
}

uint32_t
tcp_tell_data(struct tcp *t, struct tcp_conn *c, const uint8_t *p, uint32_t len, void **buf)
{
	struct tcp_user *u = conn_user(t, c);
	uint32_t taken;

	if (u->service->data == NULL)
		return len;
	t->delivering = buf;
	taken = u->service->data((struct hf_core *)t, u->self, (struct hf_conn *)c, p, len);
	t->delivering = NULL;
	assert(taken <= len);
	return taken;
}

void
tcp_tell_room(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = conn_user(t, c);

	if (u->service->room != NULL && !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		u->service->room((struct hf_core *)t, u->self, (struct hf_conn *)c);
	pend_resume(t, c);
}

bool
tcp_tell_deadline(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = conn_user(t, c);

	if (u->service->deadline == NULL)
		return false;
	u->service->deadline((struct hf_core *)t, u->self, (struct hf_conn *)c);
	return true;
}

void
tcp_tell_urgent(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = conn_user(t, c);

	if (u->service->urgent != NULL && !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		u->service->urgent((struct hf_core *)t, u->self, (struct hf_conn *)c);
}

void
tcp_tell_soft_error(struct tcp *t, struct tcp_conn *c, enum hf_reason why)
{
	struct tcp_user *u = conn_user(t, c);
	struct tcp_conn *current = t->current;

	if (u->service->soft_error == NULL || u->leaving ||
	        (c->flags & (CONN_APP_GONE | CONN_ABORT)))
		return;
	t->current = NULL;
	u->service->soft_error((struct hf_core *)t, u->self, (struct hf_conn *)c, why);
	t->current = current;
}

void
tcp_tell_peer_closed(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = conn_user(t, c);

	if (c->flags & (CONN_APP_GONE | CONN_ABORT))
		return;
	if (u->service->peer_closed != NULL)
		u->service->peer_closed((struct hf_core *)t, u->self, (struct hf_conn *)c);
	else
		tcp_leave(t, c, 0);
}
