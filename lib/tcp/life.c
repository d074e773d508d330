/* SPDX-License-Identifier: BSD-3-Clause */
/* The beginning and the end of connection records, and what follows each handling. */
#include "tcp/life.h"

#include <assert.h>

#include "tcp/crowd.h"
#include "tcp/handle.h"
#include "tcp/held.h"
#include "tcp/loss.h"
#include "tcp/output.h"
#include "tcp/reasm.h"
#include "tcp/sends.h"
#include "tcp/tell.h"
#include "tcp/time_wait.h"

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

/* Release the record and its queues. The caller handles the flow table's slot. */
static void
release_record(struct tcp *t, struct tcp_conn *c)
{
	if (c->sends != POOL_NONE)
		sends_purge(t, c);
	if (c->reasm != POOL_NONE)
		reasm_purge(t, c);
	if (c->flags & CONN_LOSS)
		loss_give(t, c);
	crowd_ended(t, c);
	if (wheel_armed(&c->timer))
		wheel_disarm(&t->wheel, tcp_index(t, c));
	c->state = TCP_CLOSED;
	/* tcp_speak() gives back a record that stands in the list of speakers */
	if (!(c->flags & CONN_PENDING))
		pool_give(&t->conns, tcp_index(t, c));
}

void
tcp_conn_end(struct tcp *t, struct tcp_conn *c, enum hf_reason why)
{
	assert(c->state != TCP_CLOSED);
	tcp_tell_closed(t, c, why);
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
tcp_conn_abort(struct tcp *t, struct tcp_conn *c, struct seg *asked_by, enum hf_reason why)
{
	bool opened = c->state != TCP_SYN_SENT && c->state != TCP_SYN_RECEIVED;

	if (tcp_abort_resets(c))
		tcp_send_rst(t, c, asked_by);
	counter_add(&t->count->conn_aborted, opened);
	tcp_conn_end(t, c, why);
}

void
tcp_conn_wait(struct tcp *t, struct tcp_conn *c)
{
	tcp_tell_closed(t, c, HF_CLOSED);
	counter_add(&t->count->conn_closed, 1);
	counter_add(&t->count->tw_entered, 1);
	time_wait_enter(t, c);
	release_record(t, c);
}

void
tcp_conn_settle(struct tcp *t, struct tcp_conn *c, struct seg *asked_by)
{
	if (c->reasm != POOL_NONE)
		held_speak(t, c);
	/* RFC 9293 3.10.4: CLOSE in SYN-SENT ends the connection, too */
	if ((c->flags & CONN_ABORT) ||
	        (c->state == TCP_SYN_SENT && (c->flags & CONN_APP_GONE))) {
		tcp_conn_abort(t, c, asked_by, HF_ABORTED);
		return;
	}
	tcp_output(t, c, asked_by);
	if (c->state == TCP_TIME_WAIT)
		tcp_conn_wait(t, c);
}
