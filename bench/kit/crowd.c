/* SPDX-License-Identifier: BSD-3-Clause */
/* A crowd of peers, each of which remembers what it must acknowledge. */
#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>

#include <rte_mbuf.h>

#include "client_frames.h"

#define PORT_FIRST 1024
#define ADDR_FIRST 0x0a000001 /* 10.0.0.1, and the first of each further /24 */
#define NET_BITS   16
#define AT_ONCE    512 /* handshakes between two looks at the answers */
#define TSVAL      1000
#define OPENED     2 /* sequence numbers of the SYN and of the question */

struct peer {
	uint32_t rcv_nxt;
	uint32_t tsecr;
	struct hf_conn *conn;
};

struct crowd {
	struct victim *victim;
	bool timestamps;
	uint32_t n;
	uint32_t strange; /* frames whose address is no peer's */
	uint32_t resets;
	crowd_heard_fn heard;
	void *heard_ctx;
	struct peer peer[];
};

static inline be32
peer_addr(uint32_t who)
{
	return cpu_to_be32(ADDR_FIRST + ((who & ((1u << NET_BITS) - 1)) << 8));
}

static inline be16
peer_port(uint32_t who)
{
	return cpu_to_be16((uint16_t)(PORT_FIRST + (who >> NET_BITS)));
}

static inline uint32_t
peer_at(be32 addr, be16 port)
{
	return (be32_to_cpu(addr) - ADDR_FIRST) >> 8 |
	       (uint32_t)(be16_to_cpu(port) - PORT_FIRST) << NET_BITS;
}

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *conn)
{
	struct hf_addr a = hf_peer(conn);
	struct crowd *c = self;
	uint32_t who = peer_at(a.addr, a.port);

	(void)h;
	if (who < c->n)
		c->peer[who].conn = conn;
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *conn, const uint8_t *bytes, uint32_t len)
{
	(void)self;
	(void)bytes;
	hf_send(h, conn, ".", 1);
	return len;
}

static const struct hf_service service = {
        .name = "crowd", .opened = on_opened, .data = on_data};

void
crowd_destroy(struct crowd *c)
{
	free(c);
}

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
	if (!victim_serve(v, &service, c)) {
		crowd_destroy(c);
		return NULL;
	}
	return c;
}

void
crowd_on_heard(struct crowd *c, crowd_heard_fn fn, void *ctx)
{
	c->heard = fn;
	c->heard_ctx = ctx;
}

struct hf_conn *
crowd_conn(const struct crowd *c, uint32_t who)
{
	return c->peer[who].conn;
}

static void
hear_frame(void *ctx, const uint8_t *frame)
{
	struct crowd *c = ctx;
	const struct ipv4_hdr *ip = (const void *)(frame + sizeof(struct eth_hdr));
	const struct tcp_hdr *tcp = (const void *)(ip + 1);
	uint32_t i = peer_at(ip->dst, tcp->dport);
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
		frame_timestamp(tcp, (tcp->data_offset >> 4) * 4u, &c->peer[i].tsecr);
	if (c->heard != NULL)
		c->heard(c->heard_ctx, i, tcp->flags, len);
}

unsigned
crowd_listen(struct crowd *c)
{
	return victim_look(c->victim, hear_frame, c);
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

/* seq counts from the initial sequence number. */
static void
write_segment(struct crowd *c, const struct template *t, uint32_t who, uint32_t seq,
        uint32_t beside_ack, struct rte_mbuf *m)
{
	const struct peer *p = &c->peer[who];
	struct fill f = {
	        .addr = peer_addr(who),
	        .port = peer_port(who),
	        .seq = who + seq,
	        .tsval = TSVAL,
	        .ack = seq != 0 ? p->rcv_nxt + beside_ack : 0,
	        .tsecr = seq != 0 ? p->tsecr : 0,
	};

	victim_seal(c->victim, m, template_write(t, rte_pktmbuf_mtod(m, uint8_t *), &f));
}

void
crowd_write(struct crowd *c, const struct crowd_say *say, const struct template *t,
        uint32_t who, struct rte_mbuf *m)
{
	write_segment(c, t, who, OPENED + say->sent + say->beside_seq, say->beside_ack, m);
}

static void
offer_segments(struct crowd *c, const struct template *t, uint32_t seq, const uint32_t *who,
        uint32_t n)
{
	struct rte_mbuf *m[VICTIM_ROOM];

	while (n > 0) {
		unsigned k = victim_room(c->victim, m, n);

		if (k == 0)
			return;
		for (unsigned i = 0; i < k; i++)
			write_segment(c, t, who[i], seq, 0, m[i]);
		victim_offer(c->victim, m, k);
		who += k;
		n -= k;
	}
}

static uint64_t
say_segments(struct crowd *c, const struct crowd_say *say, uint32_t seq, const uint32_t *who,
        uint32_t n)
{
	struct template t;
	uint64_t ns = 0;

	crowd_template(c, say, &t);
	for (uint32_t at = 0; at < n; at += AT_ONCE) {
		offer_segments(c, &t, seq, who + at, RTE_MIN(n - at, (uint32_t)AT_ONCE));
		ns += victim_take(c->victim);
		crowd_listen(c);
	}
	return ns;
}

uint64_t
crowd_say(struct crowd *c, const struct crowd_say *say, const uint32_t *who, uint32_t n)
{
	return say_segments(c, say, OPENED + say->sent, who, n);
}

uint64_t
crowd_open(struct crowd *c, const uint32_t *order)
{
	const struct crowd_say syn = {.flags = TCP_SYN}, ack = {.flags = TCP_ACK};
	const struct crowd_say ask = {.flags = TCP_ACK | TCP_PSH, .text = "?"};
	const struct counters *count = victim_worker(c->victim)->counters;
	uint64_t ns = 0, before = counter_read(&count->conn_accepted), opened;

	for (uint32_t at = 0; at < c->n; at += AT_ONCE) {
		uint32_t n = RTE_MIN(c->n - at, (uint32_t)AT_ONCE);

		ns += say_segments(c, &syn, 0, order + at, n);
		ns += say_segments(c, &ask, 1, order + at, n);
		ns += say_segments(c, &ack, OPENED, order + at, n);
	}
	victim_settle(c->victim);
	crowd_listen(c);
	opened = counter_read(&count->conn_accepted) - before;
	if (opened == c->n && c->strange + c->resets == 0)
		return ns;
	fprintf(stderr, "%lu connections were opened, not %u; %u resets, %u strange frames\n",
	        (unsigned long)opened, c->n, c->resets, c->strange);
	return 0;
}
