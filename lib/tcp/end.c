/* SPDX-License-Identifier: BSD-3-Clause */
/* Many connections end at once: all connections, those of one client, half-open ones. */
#include "tcp/end.h"

#include <limits.h>

#include "base/seq.h"
#include "tcp/life.h"
#include "tcp/tell.h"
#include "tcp/users.h"

/* The work of one call of tcp_client_end_some(): some 2,000 records are examined, and 32 of
 * them are reset. It takes less than 100 us. */
#define END_WORK  2048
#define END_ABORT 63

#define LOOK_AT 2048 /* records that a call examines */
#define TELL_AT 128  /* records of them that a call tells */
#define END_AT  128  /* records of them that a call ends */

void
tcp_drain(struct tcp *t, uint32_t ms)
{
	t->refusing = t->draining = ms != 0;
	t->drain_at = ms != 0 ? 0 : POOL_NONE;
	t->drain_end_ms = t->now.ms + ms;
}

void
tcp_drain_some(struct tcp *t)
{
	uint32_t fresh = t->conns.fresh, told = 0;
	uint32_t stop = fresh - t->drain_at < LOOK_AT ? fresh : t->drain_at + LOOK_AT;

	while (t->drain_at < stop && told < TELL_AT) {
		struct tcp_conn *c = tcp_conn_at(t, t->drain_at++);

		if (c->state < TCP_ESTABLISHED)
			continue; /* it is told after opened() */
		told++;
		tcp_tell_draining(t, c);
	}
	if (t->drain_at >= fresh)
		t->drain_at = POOL_NONE;
}

static bool
conn_is_owed(const struct tcp_conn *c)
{
	if (c->state == TCP_FIN_WAIT_2)
		return !(c->flags & CONN_APP_GONE);
	return c->state != TCP_CLOSED;
}

bool
tcp_owed_some(const struct tcp *t, struct tcp_owed *x)
{
	for (unsigned n = 0; n < LOOK_AT && x->at < t->conns.fresh; n++, x->at++) {
		x->any = conn_is_owed(tcp_conn_at(t, x->at));
		if (x->any)
			return false;
	}
	if (x->at < t->conns.fresh)
		return true;
	x->any = false;
	x->at = 0;
	return false;
}

static void
forget_half_open(struct tcp *t, struct tcp_end *x)
{
	uint32_t fresh = t->half.pool.fresh;

	for (unsigned n = 0; n < LOOK_AT && x->half_open < fresh; n++, x->half_open++)
		if (half_open_at(&t->half, x->half_open)->live)
			tcp_half_open_end(t, x->half_open);
}

static void
abort_conns(struct tcp *t, struct tcp_end *x, enum hf_reason why)
{
	unsigned looked = 0, ended = 0;

	for (; x->conns < t->conns.fresh && looked < LOOK_AT && ended < END_AT; looked++) {
		struct tcp_conn *c = tcp_conn_at(t, x->conns++);

		if (c->state == TCP_CLOSED)
			continue;
		ended++;
		x->cut += conn_is_owed(c);
		/* hf_abort() may have been called in this turn */
		tcp_conn_abort(t, c, NULL, (c->flags & CONN_ABORT) ? HF_ABORTED : why);
	}
}

/* Half-open records end first: until then their ACK would make a connection. */
bool
tcp_abort_some(struct tcp *t, struct tcp_end *x, enum hf_reason why)
{
	t->refusing = true;
	t->drain_at = POOL_NONE; /* closed() tells the applications */
	if (x->half_open < t->half.pool.fresh)
		forget_half_open(t, x);
	else
		abort_conns(t, x, why);
	return x->half_open < t->half.pool.fresh || x->conns < t->conns.fresh;
}

void
tcp_abort_all(struct tcp *t, enum hf_reason why)
{
	struct tcp_end x = {.cut = 0};
	bool refusing = t->refusing;

	while (tcp_abort_some(t, &x, why))
		;
	t->refusing = refusing;
	tcp_full_ports(t, 0);
	tcp_speak_all(t);
	while (tcp_speak_waiting(t, UINT_MAX))
		;
}

static bool
belongs_to_client(const struct tcp *t, const struct tcp_conn *c, const void *self)
{
	const struct tcp_user *u = &t->user[c->user];

	return c->state != TCP_CLOSED && u->leaving && u->self == self;
}

bool
tcp_client_end_some(struct tcp *t, void *self, uint32_t *at)
{
	uint32_t work = END_WORK;

	if (*at == 0)
		users_silence(t, self);
	for (; *at < t->conns.fresh && work > 0; ++*at) {
		struct tcp_conn *c = tcp_conn_at(t, *at);

		work--;
		if (!belongs_to_client(t, c, self))
			continue;
		tcp_conn_abort(t, c, NULL, HF_STOPPED);
		work -= work < END_ABORT ? work : END_ABORT;
	}
	if (*at < t->conns.fresh)
		return true;
	users_forget(t, self);
	return false;
}

void
tcp_client_end(struct tcp *t, void *self)
{
	uint32_t at = 0;

	while (tcp_client_end_some(t, self, &at))
		;
	tcp_speak_all(t);
}
