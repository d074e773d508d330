/* SPDX-License-Identifier: BSD-3-Clause */
/* Ends connections that the operator names, and all connections when the stack ends. */
#include "stack/private.h"
#include "tcp/flows.h"
#include "tcp/life.h"

/* The limits of one call, about 100 us of the core's time: records examined, and connections
 * ended. */
#define LOOK_AT 4096
#define END_AT  128

static void
end_conn(struct stack *st, struct tcp_conn *c, struct stack_close *x)
{
	tcp_conn_abort(&st->tcp, c, NULL, HF_ABORTED);
	x->closed++;
}

static bool
conn_is_named(const struct stack_close *x, const struct tcp_conn *c)
{
	if (c->state == TCP_CLOSED || ((c->key.raddr ^ x->peer.addr) & x->mask) != 0)
		return false;
	if (x->peer.port != 0 && c->key.rport != x->peer.port)
		return false;
	return x->local.port == 0 ||
	       (c->key.lport == x->local.port && c->key.laddr == x->local.addr);
}

static bool
close_is_exact(const struct stack_close *x)
{
	return x->mask == UINT32_MAX && x->peer.port != 0 && x->local.port != 0;
}

static void
end_exact_conn(struct stack *st, struct stack_close *x)
{
	struct flow_key k = {.laddr = x->local.addr,
	        .raddr = x->peer.addr,
	        .lport = x->local.port,
	        .rport = x->peer.port};
	struct tcp_conn *c = flows_find_conn(&st->tcp, &k);

	if (c != NULL)
		end_conn(st, c, x);
}

bool
stack_close_some(struct stack *st, struct stack_close *x, struct clock now)
{
	const struct tcp *t = &st->tcp;
	uint32_t closed = x->closed, stop;

	stack_keep_time(st, now);
	if (close_is_exact(x)) {
		end_exact_conn(st, x);
		stack_flush(st);
		return false;
	}
	stop = t->conns.fresh - x->at < LOOK_AT ? t->conns.fresh : x->at + LOOK_AT;
	while (x->at < stop && x->closed - closed < END_AT) {
		struct tcp_conn *c = tcp_conn_at(t, x->at++);

		if (conn_is_named(x, c))
			end_conn(st, c, x);
	}
	stack_flush(st);
	return x->at < t->conns.fresh;
}

bool
stack_owed_some(const struct stack *st, struct tcp_owed *x)
{
	return tcp_owed_some(&st->tcp, x);
}

bool
stack_abort_some(struct stack *st, struct tcp_end *x, struct clock now)
{
	bool more;

	stack_keep_time(st, now);
	more = tcp_abort_some(&st->tcp, x, HF_STOPPED);
	stack_flush(st);
	return more;
}
