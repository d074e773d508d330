/* SPDX-License-Identifier: BSD-3-Clause */
/* The creation and the end of a core's TCP: its tables, keys, time of day and addresses. */
#include "tcp/tcp.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/touch.h"
#include "tcp/cc.h"
#include "tcp/crowd.h"
#include "tcp/loss.h"
#include "tcp/ports.h"
#include "tcp/time_wait.h"
#include "tcp/users.h"

/* A cookie's timestamp may be ahead of the clock of the host that checks it by twice this. */
#define TS_APART_US ((int64_t)(COOKIE_EPOCH_US / 2))

const char *const tcp_state_names[TCP_STATES] = {
        [TCP_CLOSED] = "CLOSED",
        [TCP_LISTEN] = "LISTEN",
        [TCP_SYN_SENT] = "SYN-SENT",
        [TCP_SYN_RECEIVED] = "SYN-RECEIVED",
        [TCP_ESTABLISHED] = "ESTABLISHED",
        [TCP_FIN_WAIT_1] = "FIN-WAIT-1",
        [TCP_FIN_WAIT_2] = "FIN-WAIT-2",
        [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
        [TCP_CLOSING] = "CLOSING",
        [TCP_LAST_ACK] = "LAST-ACK",
        [TCP_TIME_WAIT] = "TIME-WAIT",
};

static void
derive_key(struct prf *p, const uint8_t secret[16], uint8_t purpose)
{
	struct prf master;
	struct prf_block b = {.lo = purpose, .hi = 0};
	uint8_t key[16];

	prf_init(&master, secret);
	b = prf_one(&master, b);
	memcpy(key, &b, sizeof(key));
	prf_init(p, key);
}

/* Send descriptors: two per connection, up to 131,072. With more than 524,288 connections, a
 * quarter of their number, since most of them have nothing queued. */
static uint32_t
send_descriptors(uint32_t max_conns)
{
	uint32_t all = 2 * max_conns + TCP_SENDS_MAX;
	uint32_t some = max_conns / 4 > 131072 ? max_conns / 4 : 131072;

	return all < some ? all : some;
}

static int
create_tables(struct tcp *t, const struct tcp_secrets *secrets, int node)
{
	const struct tcp_conf *f = &t->conf;
	/* A quarter of the buffers is for services alone. Otherwise text behind holes that
	 * peers never fill could leave services none. */
	uint32_t pieces = f->max_kept - f->max_kept / 4;
	struct prf half_prf;
	int rc;

	derive_key(&half_prf, secrets->own, 5);
	if ((rc = pool_create(&t->conns, f->max_conns, sizeof(struct tcp_conn), node)) != 0 ||
	        (rc = pool_create(&t->sends, send_descriptors(f->max_conns),
	                 sizeof(struct tcp_send), node)) != 0 ||
	        (rc = pool_create(&t->pieces, pieces, sizeof(struct tcp_piece), node)) != 0 ||
	        (rc = pool_create(&t->losses, loss_records(f->max_conns),
	                 sizeof(struct tcp_loss), node)) != 0 ||
	        (rc = resent_create(&t->resent, f->max_conns, node)) != 0 ||
	        (rc = half_opens_create(&t->half, f->max_half_open, &half_prf, node)) != 0 ||
	        (rc = flow_table_create(&t->table,
	                 f->max_conns + f->max_half_open + f->max_time_wait, node)) != 0 ||
	        (rc = time_wait_create(&t->tw, f->max_time_wait, 2 * f->msl_ms, node)) != 0)
		return rc;

	t->rare = arena_alloc((size_t)f->max_conns * sizeof(struct tcp_rare), node);
	t->listener_of_port = malloc(65536);
	if (t->rare == NULL || t->listener_of_port == NULL)
		return -ENOMEM;
	memset(t->listener_of_port, TCP_NO_USER, 65536);
	return 0;
}

static void
derive_keys(struct tcp *t, const struct tcp_secrets *secrets)
{
	const struct tcp_conf *f = &t->conf;
	struct cookie_masters drawn;
	struct prf port_prf, crowd_prf;

	derive_key(&t->flow_prf, secrets->own, 1);
	derive_key(&t->isn_prf, secrets->own, 2);
	derive_key(&port_prf, secrets->own, 3);
	derive_key(&crowd_prf, secrets->own, 4);
	ports_init(&t->ports, &port_prf, f->port_first, f->port_last);
	crowd_init(&t->crowd, &crowd_prf, f->max_conns);
	cookie_masters_draw(&drawn, secrets->own);
	cookie_keys_init(&t->cookies, secrets->masters != NULL ? secrets->masters : &drawn,
	        secrets->beacon, t->now.us);
}

int
tcp_create(struct tcp *t, const struct tcp_conf *conf, const struct tcp_secrets *secrets,
        int node, struct clock now)
{
	int rc;

	t->conf = *conf;
	if (conf->cc == NULL)
		t->conf.cc = cc_find(NULL);
	t->node = node;
	t->now = now;
	t->pending = t->speaking = POOL_NONE;
	t->drain_at = POOL_NONE;
	for (unsigned i = 0; i < LIMIT_PORTS; i++)
		t->waiting_for[i].first = POOL_NONE;
	answers_init(&t->resets, ANSWERS_SECRET, conf->rst_per_s, secrets->own, 1);
	answers_init(&t->bare_acks, ANSWERS_SECRET, conf->rst_per_s, secrets->own, 2);
	answers_init(&t->syn_acks_again, ANSWERS_FAIR, conf->rst_per_s, secrets->own, 3);
	while ((conf->rcv_wnd >> t->rcv_wscale) > UINT16_MAX)
		t->rcv_wscale++;

	derive_keys(t, secrets);
	syn_mode_init(&t->syn, conf->syn_cookie, conf->syn_rate, now.ms);

	if ((rc = create_tables(t, secrets, node)) != 0) {
		tcp_destroy(t);
		return rc;
	}
	wheel_init(&t->wheel, &((struct tcp_conn *)(void *)t->conns.base)->timer,
	        sizeof(struct tcp_conn), now.ms);
	return 0;
}

void
tcp_destroy(struct tcp *t)
{
	users_destroy(t);
	if (t->rare != NULL)
		arena_free(t->rare, (size_t)t->conf.max_conns * sizeof(struct tcp_rare));
	free(t->listener_of_port);
	t->rare = NULL;
	t->listener_of_port = NULL;
	resent_destroy(&t->resent);
	time_wait_destroy(&t->tw);
	flow_table_destroy(&t->table);
	half_opens_destroy(&t->half);
	pool_destroy(&t->losses);
	pool_destroy(&t->pieces);
	pool_destroy(&t->sends);
	pool_destroy(&t->conns);
}

void
tcp_set_day(struct tcp *t, int64_t ahead_us)
{
	t->day_us = ahead_us;
	if (llabs(ahead_us - t->ts_day_us) > TS_APART_US) {
		t->ts_day_us = ahead_us;
		t->ts_ahead_ms = (uint32_t)(ahead_us / US_PER_MILLISECOND);
	}
	cookie_keys_turn(&t->cookies, tcp_day_us(t));
}

int
tcp_add_addrs(struct tcp *t, be32 first, uint32_t count)
{
	const struct tcp_range *last = &t->range[t->nranges];
	uint32_t base = t->nranges == 0 ? 0 : last[-1].base + last[-1].count;
	int known = tcp_addr_index(t, first);

	if (known >= 0 && count == 1)
		return 0;
	if (t->nranges == TCP_RANGES_MAX || count > TCP_ADDRS_MAX - base)
		return -ENOSPC;
	t->range[t->nranges++] = (struct tcp_range) {
	        .first = be32_to_cpu(first), .count = count, .base = base};
	return 0;
}
