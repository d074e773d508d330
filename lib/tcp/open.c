/* SPDX-License-Identifier: BSD-3-Clause */
/* The OPEN call, active (RFC 9293 3.10.1): route, source port, record and SYN. */
#include <errno.h>

#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/ports.h"
#include "tcp/time_wait.h"
#include "tcp/timers.h"
#include "tcp/users.h"

static bool
is_opener(const struct tcp_user *u, const struct hf_service *service, const void *self)
{
	return u->service == service && u->self == self && u->port == 0;
}

/* The user that opens. It is mostly the user of the last call. */
static int
find_opener(struct tcp *t, const struct hf_service *service, void *self)
{
	if (is_opener(&t->user[t->last_opener], service, self))
		return t->last_opener;
	for (unsigned i = 0; i < t->nusers; i++) {
		if (is_opener(&t->user[i], service, self)) {
			t->last_opener = (uint8_t)i;
			return (int)i;
		}
	}
	return users_add(t, &(struct tcp_user) {.service = service, .self = self});
}

/* Choose the addresses and the ports. */
static int
choose_flow(struct tcp *t, const struct hf_open *how, struct tcp_route *route,
        struct ports_choice *flow)
{
	int err;

	if (how->peer.port == 0 || how->dscp > TCP_DSCP_MAX)
		return -EINVAL;
	err = t->route(t->below, how->peer.addr, how->local.addr, route);
	if (err != 0)
		return err;
	flow->key = (struct flow_key) {
	        .raddr = how->peer.addr,
	        .laddr = route->laddr,
	        .rport = how->peer.port,
	        .lport = how->local.port,
	};
	return how->local.port == 0 ? ports_choose(t, route, flow) : ports_take(t, route, flow);
}

/* Enter SYN-SENT. neigh: a user mostly opens to the same next hop. */
static void
enter_syn_sent(
        struct tcp *t, struct tcp_conn *c, const struct ports_choice *flow, uint16_t *neigh)
{
	struct tcp_rare *r = tcp_rare(t, c);
	uint8_t offer = t->conf.offer;

	c->state = TCP_SYN_SENT;
	handshake_start(
	        c, handshake_iss(t, flow->isn, flow->iss_floor), tcp_ts_offset(t, &c->key));
	c->mss = mss_of_mtu(t->mtu(t->below, c->port));
	if (offer & SEG_OPT_TS)
		c->flags |= CONN_TS;
	if (offer & SEG_OPT_SACK_OK)
		c->flags |= CONN_SACK;
	if (offer & SEG_OPT_WSCALE)
		c->rcv_wscale = t->rcv_wscale;
	r->rtt_us = (uint32_t)t->now.us;
	r->neigh = *neigh;
	tcp_send_syn(t, c);
	*neigh = r->neigh;
	tcp_timers_syn_sent(t, c);
}

static void
mark_ip_fields(struct tcp *t, struct tcp_conn *c, const struct hf_open *how)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (how->dscp != 0)
		r->tos = (uint8_t)(how->dscp << TCP_DSCP_SHIFT);
	if (how->ttl != 0)
		r->ttl = how->ttl;
	c->marked = how->dscp != 0 || how->ttl != 0;
}

static int
open_for(struct tcp *t, unsigned user, const struct hf_open *how, struct tcp_conn **out)
{
	struct ports_choice flow;
	struct tcp_conn *c;
	struct tcp_route route;
	int err = choose_flow(t, how, &route, &flow);

	if (err != 0)
		return err;
	c = tcp_conn_new(t, &flow.key, flow.hash, FLOW_NONE);
	if (c == NULL)
		return -ENOBUFS;
	if (flow.time_wait != FLOW_NONE)
		time_wait_reopened(t, flow.time_wait, flow.hash);
	c->user = (uint8_t)user;
	c->port = route.port;
	c->ctx = how->ctx;
	mark_ip_fields(t, c, how);
	t->user[user].opening++;
	counter_add(&t->count->conn_opening, 1);
	enter_syn_sent(t, c, &flow, &t->user[user].neigh);
	if (out != NULL)
		*out = c;
	return 0;
}

int
tcp_open(struct tcp *t, const struct hf_service *service, void *self, const struct hf_open *how,
        struct tcp_conn **out)
{
	int user, err;

	if (t->refusing)
		return -ESHUTDOWN;
	user = find_opener(t, service, self);
	if (user < 0)
		return user;
	err = open_for(t, (unsigned)user, how, out);
	if (err != 0)
		users_leave(&t->user[user]);
	return err;
}
