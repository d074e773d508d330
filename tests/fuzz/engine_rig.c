/* SPDX-License-Identifier: BSD-3-Clause */
/* The rig and the model of the engine target. */
#include "engine_rig.h"

#include <rte_ethdev.h>
#include <rte_ring.h>

#include "must.h"

#define LENGTH_LEAST 60u
#define LENGTH_MORE  200u
#define AT_ONCE      130

static struct engine_rig rig;

/* ----------------------------------------------------------------------- ports */

/* A frame begins with its number, and its length and all behind come from that. */
static unsigned
length_of(uint32_t number)
{
	return LENGTH_LEAST + number * 7919 % LENGTH_MORE;
}

static void
fill(uint8_t *at, uint32_t number, unsigned len)
{
	memset(at, (int)(number & 0xff), len);
	memcpy(at, &number, sizeof(number));
}

static uint32_t
number_of(const struct rte_mbuf *m)
{
	uint32_t number;

	memcpy(&number, rte_pktmbuf_mtod(m, const uint8_t *), sizeof(number));
	return number;
}

static void
hear(struct engine_wire *w, struct rte_mbuf *m)
{
	const uint8_t *at = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t number = number_of(m);

	must(number >= w->next && number < rig.number);
	w->next = number + 1;
	must(m->nb_segs == 1 && m->data_len == m->pkt_len && m->data_len >= LENGTH_LEAST);
	for (unsigned i = sizeof(number); i < m->data_len; i++)
		must(at[i] == (uint8_t)number);
	w->taken++;
	w->took_ms = rig.tx.now_ms;
	w->bytes += m->data_len;
	rte_pktmbuf_free(m);
}

static uint16_t
take(void *queue, struct rte_mbuf **m, uint16_t n)
{
	struct engine_wire *w = queue;
	uint16_t k = 0;

	for (; k < n && w->room > 0; k++, w->room--)
		hear(w, m[k]);
	return k;
}

static uint16_t
prepare(void *queue, struct rte_mbuf **m, uint16_t n)
{
	const struct engine_wire *w = queue;
	uint16_t k = 0;

	while (k < n && (w->refuses == 0 || number_of(m[k]) % w->refuses != 0))
		k++;
	return k;
}

/* Room for 1,024 packets in all: that there is none may be true. */
static bool
pool_is_low(unsigned n)
{
	return PACKETS - packets_in_use(rig.packets) < n;
}

static void
judge(const struct engine_rig *r)
{
	const struct counters *c = &r->counters;
	uint64_t taken = 0, bytes = 0, waiting = 0;

	for (unsigned p = 0; p < ENGINE_PORTS; p++) {
		const struct transmit_backlog *q = &r->tx.backlog[p];

		must(q->n <= TRANSMIT_BACKLOG && q->first < TRANSMIT_BACKLOG);
		must((q->n != 0) == (r->tx.backlogged >> p & 1));
		taken += r->wire[p].taken;
		bytes += r->wire[p].bytes;
		waiting += q->n;
	}
	must(c->tx_packets == taken && c->tx_bytes == bytes);
	must(r->said == taken + waiting + r->lost + c->drop[DROP_TX_FULL] +
	                        c->drop[DROP_TX_STRANGER] + c->drop[DROP_TX_REFUSED]);
}

static void
transmit(struct engine_rig *r, uint8_t port, const struct frame *f, unsigned n)
{
	struct stack_io io = transmit_io(&r->tx);
	unsigned before = r->tx.backlog[port].n;
	bool strangers = f[0].stranger;

	r->said += n;
	r->lost += n - io.transmit(io.ctx, port, f, n);
	must(!strangers || r->tx.backlog[port].n <= RTE_MAX(before, TRANSMIT_BACKLOG / 2u));
	judge(r);
}

void
engine_say(struct engine_rig *r, uint8_t port, unsigned n, uint8_t how)
{
	struct stack_io io = transmit_io(&r->tx);
	struct frame f[AT_ONCE];
	unsigned got;

	n = n < AT_ONCE ? n : AT_ONCE;
	got = io.alloc(io.ctx, f, n);
	must(got == n || (got < n && packets_in_use(r->packets) == PACKETS));
	for (unsigned i = 0; i < got; i++) {
		f[i].port = port;
		f[i].len = (uint16_t)length_of(r->number);
		must(f[i].len <= f[i].room);
		fill(f[i].data, r->number++, f[i].len);
		f[i].offload = how & (FRAME_CSUM_IP | FRAME_CSUM_TCP);
		f[i].stranger = how & ENGINE_STRANGER;
	}
	if (got > 0)
		transmit(r, port, f, got);
}

void
engine_answer(struct engine_rig *r, const struct seg *s, uint8_t port)
{
	struct rte_mbuf *m = s->buf;
	struct frame f = {.buf = m, .data = s->frame, .room = s->room, .port = port};

	if (s->room < LENGTH_LEAST) {
		transmit_free(&m, 1);
		return;
	}
	f.len = (uint16_t)RTE_MIN((unsigned)s->room, length_of(r->number));
	fill(f.data, r->number++, f.len);
	f.stranger = true;
	transmit(r, port, &f, 1);
}

/* waited: frames, before the turn, of which the port has taken some by now. */
static void
judge_patience(const struct engine_rig *r, unsigned port, unsigned waited, uint64_t took)
{
	const struct transmit_backlog *q = &r->tx.backlog[port];
	bool stuck = r->tx.stuck >> port & 1;

	must(q->n == 0 || r->tx.now_ms - q->since_ms < TRANSMIT_STUCK_MS);
	must(waited >= q->n + took);
	if (waited != q->n + took) /* given up */
		must(stuck && q->n == 0 &&
		        r->tx.now_ms - r->wire[port].took_ms >= TRANSMIT_STUCK_MS);
	else if (took != 0)
		must(!stuck);
}

void
engine_turn(struct engine_rig *r, uint32_t ms)
{
	uint64_t taken[ENGINE_PORTS];
	unsigned waited[ENGINE_PORTS];

	for (unsigned p = 0; p < ENGINE_PORTS; p++) {
		waited[p] = r->tx.backlog[p].n;
		taken[p] = r->wire[p].taken;
	}
	transmit_turn(&r->tx, r->tx.now_ms + ms);
	for (unsigned p = 0; p < ENGINE_PORTS; p++)
		judge_patience(r, p, waited[p], r->wire[p].taken - taken[p]);
	judge(r);
}

void
engine_drain(struct engine_rig *r)
{
	transmit_drain(&r->tx);
	judge(r);
}

/* ---------------------------------------------------------------- other workers */

uint32_t
engine_sum(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint32_t sum = 2166136261u; /* FNV */

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ p[i]) * 16777619u;
	return sum;
}

void
engine_publish(struct engine_rig *r, unsigned from, const struct seg *s)
{
	struct inbox_arp a = {.port = s->port, .from = (uint8_t)from};

	memcpy(a.frame, s->frame, INBOX_ARP);
	must(inbox_publish(&r->inboxes, from, s)); /* there is no other writer */
	r->news[r->published % INBOX_NEWS].sum = engine_sum(&a, sizeof(a));
	r->news[r->published++ % INBOX_NEWS].from = from;
}

void
engine_read(struct engine_rig *r, unsigned to)
{
	struct inbox_arp news[INBOX_NEWS_AT_ONCE];
	uint64_t missed, was = r->heard[to];
	uint64_t first = r->published > was + INBOX_NEWS ? r->published - INBOX_NEWS : was;
	unsigned n = inbox_read(&r->inboxes, to, &r->heard[to], news, &missed), next = 0;

	must(missed == first - was && n <= INBOX_NEWS_AT_ONCE);
	must(r->heard[to] == RTE_MIN(first + INBOX_NEWS_AT_ONCE, (uint64_t)r->published));
	for (uint64_t i = first; i < r->heard[to]; i++) {
		if (r->news[i % INBOX_NEWS].from == to)
			continue;
		must(next < n && r->news[i % INBOX_NEWS].sum ==
		                         engine_sum(&news[next], sizeof(news[next])));
		next++;
	}
	must(next == n);
}

static struct engine_inbox *
inbox_of(struct engine_rig *r, unsigned to, bool error)
{
	return error ? &r->errors[to] : &r->flows[to];
}

void
engine_hand_over(struct engine_rig *r, unsigned to, const struct seg *s)
{
	struct stack_io io = transmit_io(&r->tx);
	bool error = s->kind == SEG_ICMP;
	struct engine_inbox *b = inbox_of(r, to, error);
	const struct rte_mbuf *m = s->buf;
	bool full = b->n == (error ? ENGINE_ERRORS : ENGINE_FLOWS), low = pool_is_low(1);
	bool there = io.hand_over(io.ctx, to, s);
	unsigned at = (b->first + b->n) % ENGINE_FLOWS;

	must(there == (!full && !low));
	if (!there)
		return;
	b->handed[at].sum = engine_sum(rte_pktmbuf_mtod(m, const void *), m->data_len);
	b->handed[at].len = m->data_len;
	b->handed[at].port = s->port;
	b->handed[at].round = s->round;
	b->n++;
}

/* One of the inbox's, in its order. */
static void
judge_received(struct engine_inbox *b, const struct rte_mbuf *m)
{
	must(b->n > 0 && m->nb_segs == 1 && m->data_len == b->handed[b->first].len);
	must(engine_sum(rte_pktmbuf_mtod(m, const void *), m->data_len) ==
	        b->handed[b->first].sum);
	must(m->port == b->handed[b->first].port && m->hash.usr == b->handed[b->first].round);
	must(rte_mbuf_refcnt_read(m) == 1);
}

static void
forget(struct engine_inbox *b, unsigned n)
{
	must(n <= b->n);
	b->first = (b->first + n) % ENGINE_FLOWS;
	b->n -= n;
}

/* Both inboxes, errors first. A copy that cannot be made is lost, and counted. */
void
engine_receive(struct engine_rig *r, unsigned to, unsigned n)
{
	struct engine_inbox *errors = &r->errors[to], *flows = &r->flows[to];
	uint64_t lost = r->counters.drop[DROP_NO_MBUF];
	bool low = pool_is_low(1);
	struct rte_mbuf *m[64];
	unsigned e = RTE_MIN(RTE_MIN(n, 32u), errors->n), f, got;

	got = inbox_receive(&r->inboxes, to, m, n, packets_pool(r->packets), &r->counters);
	lost = r->counters.drop[DROP_NO_MBUF] - lost;
	must(got <= n && (lost == 0 || low));
	if (lost == 0) {
		f = got - e;
		must(f == RTE_MIN(RTE_MIN(n - e, 32u), flows->n));
		for (unsigned i = 0; i < got; i++) {
			judge_received(i < e ? errors : flows, m[i]);
			forget(i < e ? errors : flows, 1);
		}
	} else { /* the order among them is not defined */
		f = (unsigned)(got + lost) - e;
		forget(errors, e);
		forget(flows, f);
	}
	transmit_free(m, got);
}

/* ------------------------------------------------------------------ all of it */

static struct rte_ring *
ring(unsigned size)
{
	struct rte_ring *r = aligned_alloc(
	        RTE_CACHE_LINE_SIZE, (size_t)rte_ring_get_memsize(2 * size));

	must(r != NULL && rte_ring_init(r, "ring", size, RING_F_SC_DEQ | RING_F_EXACT_SZ) == 0);
	return r;
}

static void
make_once(struct engine_rig *r)
{
	static void *queue[ENGINE_PORTS][1];

	r->packets = packets_create();
	r->inboxes.n = LIMIT_WORKERS;
	for (unsigned i = 0; i < LIMIT_WORKERS; i++) {
		r->inboxes.errors[i] = ring(ENGINE_ERRORS);
		r->inboxes.flows[i] = ring(ENGINE_FLOWS);
	}
	for (unsigned p = 0; p < ENGINE_PORTS; p++) {
		queue[p][0] = &r->wire[p];
		rte_eth_fp_ops[p].tx_pkt_burst = take;
		rte_eth_fp_ops[p].tx_pkt_prepare = prepare;
		rte_eth_fp_ops[p].txq.data = queue[p];
	}
}

struct engine_rig *
engine_rig(void)
{
	struct engine_rig *r = &rig;
	struct packets *packets;
	struct inboxes inboxes;

	if (r->packets == NULL)
		make_once(r);
	packets = r->packets;
	inboxes = r->inboxes;
	memset(&inboxes.news, 0, sizeof(inboxes.news));
	*r = (struct engine_rig) {.packets = packets, .inboxes = inboxes};
	r->tx.pool = packets_pool(packets);
	r->tx.counters = &r->counters;
	r->tx.inboxes = &r->inboxes;
	r->tx.nports = ENGINE_PORTS;
	for (uint16_t p = 0; p < ENGINE_PORTS; p++) {
		r->tx.ethdev[p] = p;
		r->wire[p].room = 100;
	}
	return r;
}

void
engine_rig_end(struct engine_rig *r)
{
	transmit_forget(&r->tx);
	judge(r);
	must(r->tx.backlogged == 0);
	for (unsigned i = 0; i < LIMIT_WORKERS; i++)
		while (r->errors[i].n + r->flows[i].n > 0)
			engine_receive(r, i, 64);
	must(packets_in_use(r->packets) == 0);
}
