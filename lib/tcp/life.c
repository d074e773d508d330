/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/life.h"

#include <assert.h>

#include "tcp/handle.h"
#include "tcp/held.h"
#include "tcp/output.h"
#include "tcp/reasm.h"
#include "tcp/sends.h"
#include "tcp/timers.h"
#include "tcp/users.h"

static struct tcp_user *
user(struct tcp *t, const struct tcp_conn *c)
{
	return &t->user[c->user];
}

void
tcp_release(struct tcp *t, void *buf)
{
	if (buf == NULL)
		return;
	t->kept--;
	t->buf_free(t->below, buf);
}

void
tcp_half_open_end(struct tcp *t, uint32_t i)
{
	flow_table_remove(&t->table, half_open_at(&t->half, i)->hash, REF_HALF_OPEN | i);
	half_open_give(&t->half, i);
}

static bool
enter_table(struct tcp *t, uint32_t hash, uint32_t half_open, uint32_t ref)
{
	if (half_open == FLOW_NONE)
		return flow_table_insert(&t->table, hash, ref) == 0;
	flow_table_replace(&t->table, hash, half_open, ref);
	half_open_give(&t->half, half_open & REF_INDEX);
	return true;
}

struct tcp_conn *
tcp_conn_new(struct tcp *t, const struct flow_key *key, uint32_t hash, uint32_t half_open)
{
	uint32_t i = pool_take(&t->conns);
	struct tcp_conn *c;

	if (i == POOL_NONE)
		return NULL;
	c = tcp_conn_at(t, i);
	if (!enter_table(t, hash, half_open, REF_CONN | i)) {
		c->state = TCP_CLOSED;
		pool_give(&t->conns, i);
		return NULL;
	}
	*c = (struct tcp_conn) {
	        .key = *key,
	        .hash = hash,
	        .heard = clock_stamp(t->now),
	        .sends = POOL_NONE,
	        .reasm = POOL_NONE,
	};
	wheel_node_init(&c->timer);
	t->rare[i] = (struct tcp_rare) {
	        .generation = handle_next_generation(t->rare[i].generation),
	        .opened = clock_stamp(t->now),
	        .neigh = UINT16_MAX,
	        .cursor = POOL_NONE,
	        .tos = t->conf.tos,
	        .ttl = t->conf.ttl,
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
	pressure_ended(t, c);
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
	struct tcp_user *u = user(t, c);

	if (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED)
		u->opening--;
	else
		u->open--;
	if (u->service->closed != NULL && !u->leaving)
		u->service->closed((struct hf_core *)t, u->self, (struct hf_conn *)c, why);
	users_leave(u);
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
tcp_not_opened(struct tcp *t, struct tcp_conn *c, enum hf_reason why)
{
	struct counters *count = t->count;

	counter_add(why == HF_REFUSED   ? &count->conn_refused
	            : why == HF_TIMEOUT ? &count->connect_timeout
	                                : &count->conn_unreachable,
	        1);
	tcp_conn_end(t, c, why);
}

void
tcp_conn_abort(struct tcp *t, struct tcp_conn *c, struct seg *answers, enum hf_reason why)
{
	bool opened = c->state != TCP_SYN_SENT && c->state != TCP_SYN_RECEIVED;

	if (tcp_abort_resets(c))
		tcp_send_rst(t, c, answers);
	counter_add(&t->count->conn_aborted, opened);
	tcp_conn_end(t, c, why);
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
	if (c->reasm != POOL_NONE)
		held_speak(t, c);
	/* RFC 9293 3.10.4: CLOSE in SYN-SENT is the end, too */
	if ((c->flags & CONN_ABORT) ||
	        (c->state == TCP_SYN_SENT && (c->flags & CONN_APP_GONE))) {
		tcp_conn_abort(t, c, answers, HF_ABORTED);
		return;
	}
	tcp_output(t, c, answers);
	if (c->state == TCP_TIME_WAIT)
		tcp_conn_wait(t, c);
}

/* What the handshake has offered is not taken back (RFC 9293 3.8.6). A window of less than a
 * segment would be a silly one. */
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
	struct tcp_user *u = user(t, c);

	u->opening -= u->port == 0;
	u->opened++;
	u->open++;
	if (u->rcv_wnd != 0 || u->idle_ms != 0)
		listener_settings(t, c, u);
	/* who left in this turn has not been heard yet */
	if (u->service->opened != NULL && !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		u->service->opened((struct hf_core *)t, u->self, (struct hf_conn *)c);
	if (t->draining)
		tcp_tell_draining(t, c);
}

void
tcp_tell_draining(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = user(t, c);
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
	struct tcp_user *u = user(t, c);
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
	struct tcp_user *u = user(t, c);

	if (u->service->room != NULL && !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		u->service->room((struct hf_core *)t, u->self, (struct hf_conn *)c);
	held_resume(t, c);
}

bool
tcp_tell_deadline(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = user(t, c);

	if (u->service->deadline == NULL)
		return false;
	u->service->deadline((struct hf_core *)t, u->self, (struct hf_conn *)c);
	return true;
}

void
tcp_tell_urgent(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = user(t, c);

	if (u->service->urgent != NULL && !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		u->service->urgent((struct hf_core *)t, u->self, (struct hf_conn *)c);
}

void
tcp_tell_soft_error(struct tcp *t, struct tcp_conn *c, enum hf_reason why)
{
	struct tcp_user *u = user(t, c);
	struct tcp_conn *current = t->current;

	if (u->service->soft_error == NULL || u->leaving ||
	        (c->flags & (CONN_APP_GONE | CONN_ABORT)))
		return;
	t->current = NULL;
	u->service->soft_error((struct hf_core *)t, u->self, (struct hf_conn *)c, why);
	t->current = current;
}

void
tcp_shut(struct tcp_conn *c)
{
	c->flags |= CONN_SHUTDOWN;
	/* whatever is queued before the FIN; CLOSE-WAIT ends when it is sent */
	if (c->state == TCP_ESTABLISHED)
		c->state = TCP_FIN_WAIT_1;
}

void
tcp_leave(struct tcp *t, struct tcp_conn *c, uint16_t how)
{
	if (c->flags & CONN_APP_GONE)
		return;
	tcp_shut(c);
	c->flags |= CONN_APP_GONE | how;
	if (c->flags & CONN_PERSIST) /* probes count from now on */
		tcp_rare(t, c)->probes = 0;
	/* What the application's deadline was about, is over. */
	if (c->state == TCP_FIN_WAIT_2)
		tcp_timers_orphaned(t, c);
	else
		tcp_timers_left(t, c);
	held_resume(t, c); /* to nobody any more: it is lost, or forgotten */
}

void
tcp_tell_peer_closed(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_user *u = user(t, c);

	if (c->flags & (CONN_APP_GONE | CONN_ABORT))
		return;
	if (u->service->peer_closed != NULL)
		u->service->peer_closed((struct hf_core *)t, u->self, (struct hf_conn *)c);
	else
		tcp_leave(t, c, 0);
}
