/* SPDX-License-Identifier: BSD-3-Clause */
/* The benches' client: one step of a connection for each segment that arrives. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "base/seq.h"
#include "client_frames.h"
#include "engine/prefetch.h"
#include "tuples.h"
#include "wire/checksum.h"

#define BURST       64
#define START_BURST 32 /* new connections a turn, until all are running */
#define ISS_SHIFT   12 /* a connection sends less than 2^12 bytes */
#define CHECK_EVERY 64
#define BEGAN_SHIFT 16 /* units of some 30 us, which wrap after a day */
#define TRIES       8
#define TIMEOUT_MS  200

#define L3 sizeof(struct eth_hdr)
#define L4 (L3 + sizeof(struct ipv4_hdr))

enum step {
	STEP_IDLE,
	STEP_SYN_SENT,
	STEP_REQUESTED,
	STEP_FIN_SENT,
};

/* A place for one connection. Its number is in the upper bits of the ISS: each ACK names it. */
struct conn {
	be32 addr;
	be16 port;
	uint8_t step : 7; /* enum step */
	bool check : 1;
	uint8_t tries;
	uint32_t rcv_nxt;
	uint32_t got; /* bytes of the response */
	uint32_t tsecr;
	uint32_t began; /* TSC >> BEGAN_SHIFT */
	uint64_t used_tsc;
};

struct client {
	struct client_conf conf;
	struct client_stats stats;
	struct template say[SAY_COUNT];
	uint32_t request_len;
	struct tuples tuples;
	uint64_t tsc; /* the beginning of this turn */
	uint64_t timeout_tsc;
	uint64_t give_up_tsc; /* 0: TRIES decides */
	unsigned started;     /* places that have been taken into use */
	unsigned swept;
	unsigned nout;
	struct rte_mbuf *out[2 * BURST + START_BURST + 1];
	struct conn conn[];
};

/* The part of a received segment that the client checks. */
struct got {
	struct rte_mbuf *m;
	uint8_t *frame;
	const struct ipv4_hdr *ip;
	const struct tcp_hdr *tcp;
	uint32_t seq;
	uint32_t ack;
	uint32_t len; /* bytes of text */
	unsigned header;
	uint8_t flags;
};

struct client *
client_create(const struct client_conf *conf)
{
	struct client *c;
	size_t size = sizeof(*c) + conf->conns * sizeof(c->conn[0]);

	size = (size + 63) & ~(size_t)63;
	c = aligned_alloc(64, size);
	if (c == NULL)
		return NULL;
	memset(c, 0, size);
	c->conf = *conf;
	c->request_len = (uint32_t)strlen(conf->request);
	tuples_init(&c->tuples, conf->first_tuple, conf->scattered);
	c->timeout_tsc = rte_get_tsc_hz() / 1000 * TIMEOUT_MS;
	c->give_up_tsc = rte_get_tsc_hz() / 1000 * conf->give_up_ms;
	templates_make(c->say, conf);
	return c;
}

void
client_destroy(struct client *c)
{
	if (c == NULL)
		return;
	rte_pktmbuf_free_bulk(c->out, c->nout);
	free(c);
}

uint64_t
client_next_tuple(const struct client *c)
{
	return c->tuples.n;
}

const struct client_stats *
client_stats(const struct client *c)
{
	return &c->stats;
}

static inline uint64_t
age_tsc(const struct conn *conn, uint64_t tsc)
{
	return (uint64_t)((uint32_t)(tsc >> BEGAN_SHIFT) - conn->began) << BEGAN_SHIFT;
}

uint64_t
client_oldest_tsc(const struct client *c, uint64_t tsc)
{
	uint64_t oldest = 0;

	for (unsigned i = 0; i < c->started; i++) {
		uint64_t age = age_tsc(&c->conn[i], tsc);

		oldest = age > oldest ? age : oldest;
	}
	return oldest;
}

static inline void
note_attempt_end(struct client *c, const struct conn *conn)
{
	uint64_t age = age_tsc(conn, c->tsc);

	if (age > c->stats.longest_tsc)
		c->stats.longest_tsc = age;
}

static void
count_wrong(struct client *c, const char *what)
{
	c->stats.wrong++;
	if (c->stats.first_wrong == NULL)
		c->stats.first_wrong = what;
}

static inline uint32_t
conn_iss(const struct client *c, const struct conn *conn)
{
	return (uint32_t)(conn - c->conn) << ISS_SHIFT;
}

/* Writes a segment into m and queues it. The kind of segment determines seq and ack. */
static inline void
say_segment(struct client *c, struct conn *conn, struct rte_mbuf *m, enum say what)
{
	uint32_t iss = conn_iss(c, conn);
	struct fill f = {
	        .addr = conn->addr,
	        .port = conn->port,
	        .seq = iss,
	        .ack = conn->rcv_nxt,
	        .tsval = (uint32_t)(c->tsc >> 21), /* one tick is about 1 ms */
	        .tsecr = conn->tsecr,
	};

	if (what == SAY_SYN) {
		f.ack = 0;
		f.tsecr = 0;
	} else {
		f.seq += 1 + (what == SAY_REQUEST ? 0 : c->request_len);
	}
	m->data_len = (uint16_t)template_write(
	        &c->say[what], rte_pktmbuf_mtod(m, uint8_t *), &f);
	m->pkt_len = m->data_len;
	m->ol_flags = c->conf.offload
	                      ? RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD
	                      : 0;
	conn->used_tsc = c->tsc;
	c->out[c->nout++] = m;
}

static inline void
start_conn(struct client *c, struct conn *conn, struct rte_mbuf *m)
{
	conn->check = tuples_next(&c->tuples, &conn->addr, &conn->port) % CHECK_EVERY == 0;
	conn->step = STEP_SYN_SENT;
	conn->tries = 0;
	conn->got = 0;
	conn->rcv_nxt = 0;
	conn->tsecr = 0;
	conn->began = (uint32_t)(c->tsc >> BEGAN_SHIFT);
	say_segment(c, conn, m, SAY_SYN);
}

static void
note_timestamp(struct client *c, struct conn *conn, const struct got *g)
{
	if (c->conf.linux_options && !frame_timestamp(g->tcp, g->header, &conn->tsecr))
		count_wrong(
		        c, "a segment without timestamps, though both sides agreed on them");
}

/* Checks all of a segment. Every 64th connection gets this. */
static void
check_whole_segment(struct client *c, const struct conn *conn, const struct got *g)
{
	uint16_t l4_len = (uint16_t)(g->header + g->len);

	if (!c->conf.offload && (checksum_ipv4(g->ip) != g->ip->checksum))
		count_wrong(c, "an IPv4 checksum");
	if (!c->conf.offload && !checksum_tcp_ok(g->ip, g->tcp, l4_len))
		count_wrong(c, "a TCP checksum");
	/* a repeated segment was checked the first time */
	if (g->len > 0 && g->seq == conn->rcv_nxt &&
	        (conn->got + g->len > c->conf.response_len ||
	                memcmp((const uint8_t *)g->tcp + g->header,
	                        c->conf.response + conn->got, g->len) != 0))
		count_wrong(c, "the content of a response");
}

static void
on_syn_ack(struct client *c, struct conn *conn, const struct got *g)
{
	if (g->flags == TCP_ACK) {
		/* the tuple is in TIME-WAIT, or its earlier user gets a late answer */
		c->stats.extra++;
		if (c->conf.scattered)
			start_conn(c, conn, g->m);
		else
			rte_pktmbuf_free(g->m); /* the SYN is repeated after the timeout */
		return;
	}
	if (g->flags != (TCP_SYN | TCP_ACK) || g->ack != conn_iss(c, conn) + 1) {
		count_wrong(c, "the answer to a SYN");
		rte_pktmbuf_free(g->m);
		return;
	}
	conn->rcv_nxt = g->seq + 1;
	conn->step = STEP_REQUESTED;
	conn->tries = 0;
	say_segment(c, conn, g->m, SAY_REQUEST);
}

/* The server repeats a segment. The client repeats the segment of its own step. */
static void
on_repeated_segment(struct client *c, struct conn *conn, const struct got *g)
{
	c->stats.extra++;
	if (conn->step == STEP_FIN_SENT)
		say_segment(c, conn, g->m, SAY_FIN);
	else
		say_segment(c, conn, g->m, conn->got == 0 ? SAY_REQUEST : SAY_ACK);
}

static void
on_response(struct client *c, struct conn *conn, const struct got *g)
{
	bool fin = (g->flags & TCP_FIN) != 0;

	if (g->len == 0 && !fin && g->seq == conn->rcv_nxt) {
		c->stats.extra++; /* the request's ACK without text */
		conn->used_tsc = c->tsc;
		rte_pktmbuf_free(g->m);
		return;
	}
	if (g->seq != conn->rcv_nxt) {
		on_repeated_segment(c, conn, g);
		return;
	}
	if (g->ack != conn_iss(c, conn) + 1 + c->request_len || !(g->flags & TCP_ACK) ||
	        (g->flags & (TCP_SYN | TCP_URG)))
		count_wrong(c, "the ACK or flags of a response");
	conn->got += g->len;
	conn->rcv_nxt += g->len + fin;
	conn->tries = 0;
	if (!fin) {
		say_segment(c, conn, g->m, SAY_ACK);
		return;
	}
	if (conn->got != c->conf.response_len)
		count_wrong(c, "the length of a response");
	conn->step = STEP_FIN_SENT;
	say_segment(c, conn, g->m, SAY_FIN);
}

static void
on_last_ack(struct client *c, struct conn *conn, const struct got *g)
{
	if (g->seq != conn->rcv_nxt) {
		on_repeated_segment(c, conn, g);
		return;
	}
	if (g->flags != TCP_ACK || g->len != 0)
		count_wrong(c, "the last ACK");
	if (g->ack != conn_iss(c, conn) + c->request_len + 2) {
		c->stats.extra++; /* the server has not received our FIN yet */
		rte_pktmbuf_free(g->m);
		return;
	}
	c->stats.done++;
	note_attempt_end(c, conn);
	start_conn(c, conn, g->m);
}

static void
on_segment(struct client *c, struct conn *conn, const struct got *g)
{
	if (g->flags & TCP_RST) {
		c->stats.resets++;
		note_attempt_end(c, conn);
		start_conn(c, conn, g->m);
		return;
	}
	note_timestamp(c, conn, g);
	if (conn->check)
		check_whole_segment(c, conn, g);
	switch ((enum step)conn->step) {
	case STEP_SYN_SENT:
		on_syn_ack(c, conn, g);
		break;
	case STEP_REQUESTED:
		on_response(c, conn, g);
		break;
	case STEP_FIN_SENT:
		on_last_ack(c, conn, g);
		break;
	case STEP_IDLE:
		rte_pktmbuf_free(g->m);
		break;
	}
}

/* Any frame that is not TCP is an ARP request for the gateway, which is the client. */
static void
on_arp(struct client *c, struct rte_mbuf *m)
{
	if (!frame_answer_arp(rte_pktmbuf_mtod(m, uint8_t *), m->data_len, &c->conf)) {
		c->stats.stray++;
		rte_pktmbuf_free(m);
		return;
	}
	m->ol_flags = 0;
	c->out[c->nout++] = m;
}

static bool
is_tcp(const struct rte_mbuf *m)
{
	const struct eth_hdr *eth = rte_pktmbuf_mtod(m, const struct eth_hdr *);
	const struct ipv4_hdr *ip = (const void *)(eth + 1);

	return m->data_len >= L4 + sizeof(struct tcp_hdr) &&
	       eth->type == cpu_to_be16(ETH_TYPE_IPV4) && ip->version_ihl == 0x45 &&
	       ip->protocol == IPPROTO_TCP_;
}

static void
on_tcp(struct client *c, struct rte_mbuf *m)
{
	struct got g = {.m = m, .frame = rte_pktmbuf_mtod(m, uint8_t *)};
	unsigned total, place;
	struct conn *conn;

	g.ip = (const void *)(g.frame + L3);
	g.tcp = (const void *)(g.frame + L4);
	g.seq = be32_to_cpu(g.tcp->seq);
	g.ack = be32_to_cpu(g.tcp->ack);
	g.flags = g.tcp->flags;
	g.header = (g.tcp->data_offset >> 4) * 4u;
	total = be16_to_cpu(g.ip->total_length);
	place = (g.ack - 1) >> ISS_SHIFT;
	conn = &c->conn[place];
	if (place >= c->started || conn->addr != g.ip->dst || conn->port != g.tcp->dport) {
		c->stats.stray++;
		rte_pktmbuf_free(m);
		return;
	}
	if (total + L3 != m->data_len || total < sizeof(*g.ip) + g.header) {
		count_wrong(c, "the lengths of a segment");
		rte_pktmbuf_free(m);
		return;
	}
	g.len = total - (unsigned)sizeof(*g.ip) - g.header;
	on_segment(c, conn, &g);
}

static void
receive_burst(struct client *c)
{
	struct rte_mbuf *m[BURST];
	unsigned n = rte_ring_sc_dequeue_burst(c->conf.from_server, (void **)m, BURST, NULL);

	for (unsigned i = 0; i < n; i++)
		prefetch_own(m[i]);
	for (unsigned i = 0; i < n; i++)
		prefetch_own(rte_pktmbuf_mtod(m[i], void *));
	c->stats.received += n;
	for (unsigned i = 0; i < n; i++) {
		if (is_tcp(m[i]))
			on_tcp(c, m[i]);
		else
			on_arp(c, m[i]);
	}
}

static void
launch_conns(struct client *c)
{
	for (unsigned i = 0; i < START_BURST && c->started < c->conf.conns; i++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(c->conf.pool);

		if (m == NULL)
			return;
		start_conn(c, &c->conn[c->started++], m);
	}
}

static bool
is_attempt_hopeless(const struct client *c, const struct conn *conn)
{
	return c->give_up_tsc != 0 ? age_tsc(conn, c->tsc) >= c->give_up_tsc
	                           : conn->tries >= TRIES;
}

static void
repeat_segment(struct client *c, struct conn *conn, struct rte_mbuf *m)
{
	if (is_attempt_hopeless(c, conn)) {
		c->stats.given_up++;
		note_attempt_end(c, conn);
		start_conn(c, conn, m);
		return;
	}
	conn->tries += conn->tries < UINT8_MAX;
	c->stats.retransmits++;
	if (conn->step == STEP_SYN_SENT)
		say_segment(c, conn, m, SAY_SYN);
	else if (conn->step == STEP_FIN_SENT)
		say_segment(c, conn, m, SAY_FIN);
	else
		say_segment(c, conn, m, conn->got == 0 ? SAY_REQUEST : SAY_ACK);
}

/* Checks one place a turn, and repeats its segment if it has waited for too long. */
static void
sweep_place(struct client *c)
{
	struct conn *conn;
	struct rte_mbuf *m;

	if (c->started == 0)
		return;
	if (c->swept >= c->started)
		c->swept = 0;
	conn = &c->conn[c->swept++];
	if (c->tsc - conn->used_tsc < c->timeout_tsc)
		return;
	m = rte_pktmbuf_alloc(c->conf.pool);
	if (m != NULL)
		repeat_segment(c, conn, m);
}

static void
send_queued(struct client *c)
{
	unsigned sent = rte_ring_sp_enqueue_burst(
	        c->conf.to_server, (void **)c->out, c->nout, NULL);

	c->stats.sent += sent;
	c->nout -= sent;
	if (c->nout > 0 && c->conf.lossy) {
		rte_pktmbuf_free_bulk(c->out + sent, c->nout);
		c->stats.lost += c->nout;
		c->nout = 0;
	}
	if (c->nout > 0)
		memmove(c->out, c->out + sent, c->nout * sizeof(c->out[0]));
}

void
client_turn(struct client *c, uint64_t tsc)
{
	c->tsc = tsc;
	if (c->nout < BURST) {
		receive_burst(c);
		launch_conns(c);
		sweep_place(c);
	}
	if (c->nout > 0)
		send_queued(c);
}
