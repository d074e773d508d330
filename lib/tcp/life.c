/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/life.h"

#include <assert.h>

#include "tcp/output.h"
#include "tcp/reasm.h"
#include "tcp/sends.h"
#include "tcp/timers.h"

static struct tcp_listener *
listener(struct tcp *t, const struct tcp_conn *c)
{
	return &t->listener[c->listener];
}

void
tcp_release(struct tcp *t, void *buf)
{
	if (buf == NULL)
		return;
	t->kept--;
	t->buf_free(t->below, buf);
}

struct tcp_conn *
tcp_conn_new(struct tcp *t, const struct seg *s, enum drop *why)
{
	struct tcp_conn *c;
	uint32_t i;

	if (t->half_open >= t->conf.max_half_open) {
		*why = DROP_SYN_BACKLOG;
		return NULL;
	}
	i = pool_take(&t->conns);
	if (i == POOL_NONE) {
		*why = DROP_CONN_FULL;
		return NULL;
	}
	c = tcp_conn_at(t, i);
	if (flow_table_insert(&t->table, s->hash, REF_CONN | i) != 0) {
		c->state = TCP_CLOSED;
		pool_give(&t->conns, i);
		*why = DROP_CONN_FULL;
		return NULL;
	}
	*c = (struct tcp_conn) {
	        .key = s->key,
	        .hash = s->hash,
	        .port = s->port,
	        .sends = POOL_NONE,
	        .reasm = POOL_NONE,
	};
	wheel_node_init(&c->timer);
	t->rare[i] = (struct tcp_rare) {
	        .opened_ms = t->now.ms,
	        .neigh = UINT16_MAX,
	};
	return c;
}

/* The record, and what hangs on it; the flow table's slot is not its business. */
static void
release_record(struct tcp *t, struct tcp_conn *c)
{
	if (c->sends != POOL_NONE)
		sends_purge(t, c);
	if (c->reasm != POOL_NONE)
		reasm_purge(t, c);
	if (wheel_armed(&c->timer))
		wheel_disarm(&t->wheel, tcp_index(t, c));
	c->state = TCP_CLOSED;
	/* Whoever stands in the list of speakers is given back by tcp_speak(). */
	if (!(c->flags & CONN_PENDING))
		pool_give(&t->conns, tcp_index(t, c));
}

static void
tell_closed(struct tcp *t, struct tcp_conn *c, enum hf_reason why)
{
	struct tcp_listener *l = listener(t, c);

	if (c->state == TCP_SYN_RECEIVED) {
		t->half_open--;
		return;
	}
	l->open--;
	if (l->service->closed != NULL)
		l->service->closed((struct hf_core *)t, l->self, (struct hf_conn *)c, why);
}

void
tcp_conn_end(struct tcp *t, struct tcp_conn *c, enum hf_reason why)
{
	assert(c->state != TCP_CLOSED);
	tell_closed(t, c, why);
	flow_table_remove(&t->table, c->hash, REF_CONN | tcp_index(t, c));
	release_record(t, c);
}

void
tcp_conn_wait(struct tcp *t, struct tcp_conn *c)
{
	tell_closed(t, c, HF_CLOSED);
	counter_add(&t->count->conn_closed, 1);
	counter_add(&t->count->tw_entered, 1);
	time_wait_enter(t, c);
	release_record(t, c);
}

void
tcp_conn_settle(struct tcp *t, struct tcp_conn *c, struct seg *answers)
{
	if (c->flags & CONN_ABORT) {
		if (tcp_abort_resets(c))
			tcp_send_rst(t, c, answers);
		counter_add(&t->count->conn_aborted, 1);
		tcp_conn_end(t, c, HF_ABORTED);
		return;
	}
	tcp_output(t, c, answers);
	if (c->state == TCP_TIME_WAIT)
		tcp_conn_wait(t, c);
}

void
tcp_tell_opened(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_listener *l = listener(t, c);

	l->accepted++;
	l->open++;
	if (l->service->opened != NULL)
		l->service->opened((struct hf_core *)t, l->self, (struct hf_conn *)c);
}

uint32_t
tcp_tell_data(struct tcp *t, struct tcp_conn *c, const uint8_t *p, uint32_t len, void **buf)
{
	struct tcp_listener *l = listener(t, c);
	uint32_t taken;

	if (l->service->data == NULL)
		return len;
	t->delivering = buf;
	taken = l->service->data((struct hf_core *)t, l->self, (struct hf_conn *)c, p, len);
	t->delivering = NULL;
	assert(taken <= len);
	return taken;
}

void
tcp_tell_room(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_listener *l = listener(t, c);

	if (l->service->room != NULL && !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		l->service->room((struct hf_core *)t, l->self, (struct hf_conn *)c);
}

void
tcp_leave(struct tcp *t, struct tcp_conn *c, uint16_t how)
{
	if (c->flags & CONN_APP_GONE)
		return;
	c->flags |= CONN_SHUTDOWN | CONN_APP_GONE | how;
	if (c->flags & CONN_PERSIST) /* probes count from now on */
		tcp_rare(t, c)->probes = 0;
	if (c->state == TCP_FIN_WAIT_2)
		tcp_timers_orphaned(t, c);
}

void
tcp_tell_peer_closed(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_listener *l = listener(t, c);

	if (c->flags & (CONN_APP_GONE | CONN_ABORT))
		return;
	if (l->service->peer_closed != NULL)
		l->service->peer_closed((struct hf_core *)t, l->self, (struct hf_conn *)c);
	else
		tcp_leave(t, c, 0);
}
