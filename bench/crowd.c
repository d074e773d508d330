/* SPDX-License-Identifier: BSD-3-Clause */
#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>

#include <rte_mbuf.h>

#include "client_frames.h"

#define PORT_FIRST 1024
#define PORTS      (65536 - PORT_FIRST)
#define ADDR_FIRST 0x0a000001
#define AT_ONCE    512 /* handshakes */
#define TSVAL      1000

struct peer {
	uint32_t rcv_nxt;
	uint32_t tsecr;
};

struct crowd {
	struct victim *victim;
	bool timestamps;
	uint32_t n;
	uint32_t strange; /* frames that no peer can have been sent */
	uint32_t resets;
	crowd_heard_fn heard;
	void *heard_ctx;
	struct peer peer[];
};

struct crowd *
crowd_create(struct victim *v, uint32_t n, bool timestamps)
{
	struct crowd *c = calloc(1, sizeof(*c) + n * sizeof(c->peer[0]));

	if (c == NULL) {
		fprintf(stderr, "no memory for %u peers\n", n);
		return NULL;
	}
	c->victim = v;
	c->n = n;
	c->timestamps = timestamps;
	return c;
}

void
crowd_destroy(struct crowd *c)
{
	free(c);
}

void
crowd_on_heard(struct crowd *c, crowd_heard_fn fn, void *ctx)
{
	c->heard = fn;
	c->heard_ctx = ctx;
}

uint32_t
crowd_index(be32 addr, be16 port)
{
	return (be32_to_cpu(addr) - ADDR_FIRST) * PORTS + be16_to_cpu(port) - PORT_FIRST;
}

/* TSval, wherever it stands. */
static void
note_timestamp(struct peer *p, const struct tcp_hdr *tcp)
{
	const uint8_t *o = (const uint8_t *)(tcp + 1);
	const uint8_t *end = (const uint8_t *)tcp + (tcp->data_offset >> 4) * 4u;

	while (o < end && *o != 0) {
		if (*o == 8 && end - o >= 10) {
			p->tsecr = be32_load(o + 2);
			return;
		}
		if (*o != 1 && (end - o < 2 || o[1] < 2))
			return;
		o += *o == 1 ? 1 : o[1];
	}
}

static void
hear(void *ctx, const uint8_t *frame)
{
	struct crowd *c = ctx;
	const struct ipv4_hdr *ip = (const void *)(frame + sizeof(struct eth_hdr));
	const struct tcp_hdr *tcp = (const void *)(ip + 1);
	uint32_t i = crowd_index(ip->dst, tcp->dport);
	uint32_t len = be16_to_cpu(ip->total_length) - (uint32_t)sizeof(*ip) -
	               (tcp->data_offset >> 4) * 4u;

	if (i >= c->n) {
		c->strange++;
		return;
	}
	if (tcp->flags & TCP_RST)
		c->resets++;
	else
		c->peer[i].rcv_nxt = be32_to_cpu(tcp->seq) + len + !!(tcp->flags & TCP_SYN) +
		                     !!(tcp->flags & TCP_FIN);
	if (c->timestamps)
		note_timestamp(&c->peer[i], tcp);
	if (c->heard != NULL)
		c->heard(c->heard_ctx, i, tcp->flags, len);
}

unsigned
crowd_listen(struct crowd *c)
{
	return victim_look(c->victim, hear, c);
}

void
crowd_template(struct crowd *c, const struct crowd_say *say, struct template *t)
{
	struct template_shape shape = {.flags = say->flags, .text = say->text};

	if (c->timestamps)
		shape.options = say->flags == TCP_SYN ? TEMPLATE_LINUX : TEMPLATE_TS;
	else
		shape.options = say->flags == TCP_SYN ? TEMPLATE_MSS : TEMPLATE_NONE;
	template_make(t, &shape, victim_peer(c->victim));
}

void
crowd_write(struct crowd *c, const struct crowd_say *say, const struct template *t,
        uint32_t who, struct rte_mbuf *m)
{
	const struct peer *p = &c->peer[who];
	struct fill f = {
	        .addr = cpu_to_be32(ADDR_FIRST + who / PORTS),
	        .port = cpu_to_be16((uint16_t)(PORT_FIRST + who % PORTS)),
	        .seq = who + say->sent + say->beside_seq,
	        .tsval = TSVAL,
	};

	if (say->flags != TCP_SYN) {
		f.seq += 1;
		f.ack = p->rcv_nxt + say->beside_ack;
		f.tsecr = p->tsecr;
	}
	victim_seal(c->victim, m, template_write(t, rte_pktmbuf_mtod(m, uint8_t *), &f));
}

static void
offer(struct crowd *c, const struct crowd_say *say, const struct template *t,
        const uint32_t *who, uint32_t n)
{
	struct rte_mbuf *m[VICTIM_ROOM];

	while (n > 0) {
		unsigned k = victim_room(c->victim, m, n);

		if (k == 0)
			return;
		for (unsigned i = 0; i < k; i++)
			crowd_write(c, say, t, who[i], m[i]);
		victim_offer(c->victim, m, k);
		who += k;
		n -= k;
	}
}

uint64_t
crowd_say(struct crowd *c, const struct crowd_say *say, const uint32_t *who, uint32_t n)
{
	struct template t;
	uint64_t cycles = 0;

	crowd_template(c, say, &t);
	for (uint32_t at = 0; at < n; at += AT_ONCE) {
		offer(c, say, &t, who + at, RTE_MIN(n - at, (uint32_t)AT_ONCE));
		cycles += victim_take(c->victim);
		crowd_listen(c);
	}
	return cycles;
}

uint64_t
crowd_open(struct crowd *c, const uint32_t *order)
{
	const struct crowd_say syn = {.flags = TCP_SYN}, ack = {.flags = TCP_ACK};
	struct stack *st = victim_worker(c->victim)->st;
	uint64_t cycles = 0;
	uint32_t open;

	for (uint32_t at = 0; at < c->n; at += AT_ONCE) {
		uint32_t n = RTE_MIN(c->n - at, (uint32_t)AT_ONCE);

		cycles += crowd_say(c, &syn, order + at, n);
		cycles += crowd_say(c, &ack, order + at, n);
	}
	victim_settle(c->victim);
	crowd_listen(c);
	open = stack_usage(st).conns - stack_usage(st).half_open;
	if (open == c->n && c->strange + c->resets == 0)
		return cycles;
	fprintf(stderr, "%u connections are open, not %u; %u resets, %u strange frames\n", open,
	        c->n, c->resets, c->strange);
	return 0;
}
