/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections as an application sees them from outside of their own events: handles, the
 * walk over all of a core, and what a connection knows. */
#include "api/private.h"

#include <errno.h>
#include <string.h>

#include "tcp/handle.h"
#include "tcp/resent.h"
#include "tcp/rtt.h"
#include "tcp/sends.h"

#define LOOK_AT 2048 /* records a portion: less than 100 us of lines in no cache */

_Static_assert(
        (int)HF_STATE_SYN_SENT == TCP_SYN_SENT && (int)HF_STATE_TIME_WAIT == TCP_TIME_WAIT,
        "enum hf_state has the values of enum tcp_state");

uint64_t
hf_handle_of(struct hf_core *h, const struct hf_conn *c)
{
	return handle_of(core(h), conn_const(c));
}

struct hf_conn *
hf_conn_of(struct hf_core *h, uint64_t handle)
{
	return (struct hf_conn *)handle_conn(core(h), handle);
}

unsigned
hf_handle_core(uint64_t handle)
{
	return (unsigned)(handle >> HANDLE_CORE_SHIFT);
}

bool
hf_conns_some(struct hf_core *h, uint32_t *at, struct hf_conn **out, unsigned most, unsigned *n)
{
	const struct tcp *t = (const struct tcp *)h;
	uint32_t fresh = t->conns.fresh;
	uint32_t stop = fresh - *at < LOOK_AT ? fresh : *at + LOOK_AT;

	*n = 0;
	if (*at >= fresh)
		return false;
	while (*at < stop && *n < most) {
		struct tcp_conn *c = tcp_conn_at(t, (*at)++);

		if (c->state != TCP_CLOSED && !t->user[c->user].leaving)
			out[(*n)++] = (struct hf_conn *)c;
	}
	return *at < fresh;
}

const struct hf_service *
hf_service_of(struct hf_core *h, const struct hf_conn *c, void **self)
{
	const struct tcp_user *u = &core(h)->user[conn_const(c)->user];

	if (self != NULL)
		*self = u->self;
	return u->service;
}

const char *
hf_state_name(enum hf_state state)
{
	return (unsigned)state < TCP_STATES ? tcp_state_names[state] : "unknown";
}

static uint32_t
options_of(const struct tcp_conn *c)
{
	return ((c->flags & CONN_TS) ? HF_OPT_TIMESTAMPS : 0u) |
	       ((c->flags & CONN_SACK) ? HF_OPT_SACK : 0u) |
	       (c->snd_wscale != 0 || c->rcv_wscale != 0 ? HF_OPT_WSCALE : 0u);
}

static void
describe_path(const struct tcp *t, const struct tcp_conn *c, struct hf_info *x)
{
	x->srtt_us = c->srtt8_us / 8;
	x->rttvar_us = c->srtt8_us != 0 ? c->rttvar4_us / 4 : 0;
	x->rto_ms = rtt_rto_ms(t, c, c->rexmits);
	x->mss = c->mss;
	x->cwnd = c->cwnd;
	x->ssthresh = c->ssthresh;
	x->in_a_row = c->rexmits;
}

static void
describe_windows(const struct tcp *t, const struct tcp_conn *c, struct hf_info *x)
{
	uint32_t syn = api_is_opening(c), fin = !!(c->flags & CONN_FIN_SENT);
	uint32_t sent = c->snd_max - c->snd_una;

	x->unacked = tcp_snd_end(t, c) - c->snd_una - syn;
	x->in_flight = sent > syn + fin ? sent - syn - fin : 0;
	x->snd_wnd = c->snd_wnd;
	x->rcv_wnd = !syn && seq_gt(c->rcv_adv, c->rcv_nxt) ? c->rcv_adv - c->rcv_nxt : 0;
	x->snd_wscale = c->snd_wscale;
	x->rcv_wscale = c->rcv_wscale;
}

static void
describe_resent(const struct tcp *t, const struct tcp_conn *c, struct hf_info *x)
{
	const struct resent *l = resent_find(t, c);

	x->uncounted = resent_is_partial(t, c);
	if (l == NULL)
		return;
	x->retransmitted_bytes = l->bytes;
	x->retransmitted_segments = l->segments;
	x->timeouts = l->timeouts;
}

int
hf_info(struct hf_core *h, const struct hf_conn *hc, struct hf_info *info, uint32_t size)
{
	const struct tcp *t = (const struct tcp *)h;
	const struct tcp_conn *c = conn_const(hc);
	struct hf_info x = {
	        .state = (enum hf_state)c->state,
	        .options = options_of(c),
	        .accepted = !tcp_is_active(t, c),
	        .age_ms = clock_stamp_age_ms(t->now, tcp_rare(t, c)->opened),
	        .idle_ms = clock_stamp_age_ms(t->now, c->heard),
	        .core = t->conf.core,
	        .numa_node = t->node,
	};

	if (size == 0)
		return -EINVAL;
	describe_path(t, c, &x);
	describe_windows(t, c, &x);
	describe_resent(t, c, &x);
	memset(info, 0, size);
	memcpy(info, &x, size < sizeof(x) ? size : sizeof(x));
	return 0;
}
