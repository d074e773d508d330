/* SPDX-License-Identifier: BSD-3-Clause */
/* A storm of rubbish around sessions: random bytes, frames damaged in any octet and made sound
 * again, segments that nearly fit, ICMP errors about all flows, ARP of all kinds. The stack
 * must not crash, access memory that is not its own, or leave anything over. The sessions must
 * not notice.
 *
 * The storm's own connections complete the handshake, so that the storm reaches each state. It
 * does not use the addresses of the sessions: attacks on a flow whose numbers are guessed are
 * another question (RFC 5961). */
#include <stdio.h>

#include "base/seq.h"
#include "stack/private.h"
#include "wire/checksum.h"
#include "world.h"

#define STORM_PORTS        64 /* flows of the storm, and STORM_HOSTS times as many */
#define STORM_HOSTS        4
#define STORM_SERVICE_PORT 11
#define STEPS              600
#define PER_STEP           40
#define MSL_MS             1000

/* The storm's knowledge of a flow: the last segment of the server. */
struct flow {
	uint32_t seq, ack;
	uint32_t tsval;
	bool known, ts;
};

struct storm {
	struct world *w;
	struct rng rng;
	struct flow flow[STORM_HOSTS][STORM_PORTS];
};

static be32
host_ip(unsigned h)
{
	return rig_ip(10, 0, 0, 100 + h);
}

static void
storm_hears(void *ctx, const struct rig_out *o)
{
	struct storm *m = ctx;
	unsigned h = (o->seg.key.laddr >> 24) - 100u;
	unsigned p = be16_to_cpu(o->seg.key.lport) - 20000u;

	if (o->seg.kind != SEG_TCP || h >= STORM_HOSTS || p >= STORM_PORTS)
		return;
	m->flow[h][p].seq = o->seg.seq + seg_len(&o->seg);
	m->flow[h][p].ack = o->seg.ack;
	m->flow[h][p].ts = o->seg.opts & SEG_OPT_TS;
	m->flow[h][p].tsval = o->seg.tsval;
	m->flow[h][p].known = !(o->seg.flags & TCP_RST);
}

/* Mostly the right number, at times a near one, at times any. */
static uint32_t
near(struct rng *r, uint32_t v)
{
	switch (rng_below(r, 8)) {
	case 0:
		return v + rng_below(r, 3000);
	case 1:
		return v - rng_below(r, 3000);
	case 2:
		return (uint32_t)rng_next(r);
	default:
		return v;
	}
}

static struct tcp_opts
draw_options(struct rng *r)
{
	struct tcp_opts o = {.present = (uint8_t)(rng_next(r) & 0x1f),
	        .wscale = (uint8_t)rng_next(r),
	        .mss = (uint16_t)rng_next(r),
	        .tsval = rng_below(r, 100000),
	        .tsecr = (uint32_t)rng_next(r),
	        .nsack = (uint8_t)rng_below(r, 5)};

	if (rng_permille(r, 700))
		o.present = 0;
	for (unsigned i = 0; i < o.nsack; i++)
		o.sack[i] = (struct sack_block) {(uint32_t)rng_next(r), (uint32_t)rng_next(r)};
	return o;
}

static uint8_t
draw_flags(struct rng *r)
{
	static const uint8_t usual[] = {TCP_SYN, TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH,
	        TCP_ACK | TCP_FIN, TCP_ACK | TCP_URG};

	if (rng_permille(r, 150))
		return (uint8_t)rng_next(r);
	return usual[rng_below(r, sizeof(usual))];
}

/* A segment of one of the storm's flows. */
static unsigned
draw_segment(struct storm *m, uint8_t *frame)
{
	struct rng *r = &m->rng;
	unsigned h = rng_below(r, STORM_HOSTS), p = rng_below(r, STORM_PORTS);
	struct flow *f = &m->flow[h][p];
	struct say s = {
	        .src = host_ip(h),
	        .sport = (uint16_t)(20000 + p),
	        .dport = rng_permille(r, 950) ? STORM_SERVICE_PORT : 9,
	        .flags = f->known ? draw_flags(r) : TCP_SYN,
	        .seq = near(r, f->known ? f->ack : 0),
	        .ack = near(r, f->seq),
	        .wnd = (uint16_t)(rng_permille(r, 200) ? 0 : rng_next(r)),
	        .opts = draw_options(r),
	};

	if (f->known && rng_permille(r, 800)) {
		s.opts.present = f->ts ? SEG_OPT_TS : 0;
		s.opts.tsval = (uint32_t)(world_now_us(m->w) / 1000);
		s.opts.tsecr = near(r, f->tsval);
	}
	if (rng_permille(r, 400)) {
		s.len = rng_below(r, rng_permille(r, 500) ? 20 : 1400);
		s.text = sim_stream((uint32_t)rng_next(r));
	}
	return rig_build(&s, frame);
}

static void
fix(uint8_t *f, unsigned len)
{
	unsigned ihl = (f[14] & 15u) * 4u, total = (unsigned)f[16] << 8 | f[17];
	be16 sum;

	if (len < 34 || ihl < 20 || 14 + ihl + 20 > len || total < ihl + 20 || 14 + total > len)
		return;
	memset(f + 24, 0, 2);
	sum = (be16)~checksum_fold(checksum_add(0, f + 14, ihl));
	memcpy(f + 24, &sum, 2);
	memset(f + 14 + ihl + 16, 0, 2);
	sum = (be16)~checksum_fold(
	        checksum_add(checksum_pseudo(f + 26, 6, (uint16_t)(total - ihl)), f + 14 + ihl,
	                total - ihl));
	memcpy(f + 14 + ihl + 16, &sum, 2);
}

/* One to four octets of a segment of the storm's are others; its checksums are
 * right all the same, and its addresses the storm's. */
static unsigned
draw_mutation(struct storm *m, uint8_t *frame)
{
	unsigned len = draw_segment(m, frame), n = 1 + rng_below(&m->rng, 4);
	uint8_t src[4];

	memcpy(src, frame + 26, 4);
	while (n-- > 0)
		frame[rng_below(&m->rng, len)] = (uint8_t)rng_next(&m->rng);
	memcpy(frame + 26, src, 4);
	if (rng_permille(&m->rng, 100))
		len = rng_below(&m->rng, len + 1);
	fix(frame, len);
	return len;
}

/* Anything, with a plausible beginning. */
static unsigned
draw_garbage(struct storm *m, uint8_t *frame)
{
	unsigned len = rng_below(&m->rng, 200), from = rng_below(&m->rng, 40);
	uint8_t start[2048];

	draw_segment(m, start);
	for (unsigned i = 0; i < len; i++)
		frame[i] = i < from ? start[i] : (uint8_t)rng_next(&m->rng);
	return len;
}

/* Errors about the storm's flows, and about those at work with numbers that are
 * not in flight; echo. */
static unsigned
draw_icmp(struct storm *m, uint8_t *f)
{
	static const uint8_t type[] = {ICMP_UNREACHABLE, ICMP_UNREACHABLE, ICMP_TIME_EXCEEDED,
	        ICMP_PARAMETER, ICMP_SOURCE_QUENCH, ICMP_ECHO};
	struct rng *r = &m->rng;
	unsigned h = rng_below(r, STORM_HOSTS), p = rng_below(r, STORM_PORTS);
	const struct client *c = &m->w->client[rng_below(r, m->w->nclients)];
	bool ours = rng_permille(r, 700);
	unsigned len = rng_permille(r, 700) ? 28 : rng_below(r, 60);
	uint8_t quoted[14 + RIG_MTU];
	be16 sum;

	rig_build(&(struct say) {.src = ours ? host_ip(h) : c->conf.ip,
	                  .sport = ours ? (uint16_t)(20000 + p) : c->conf.port,
	                  .dport = ours ? STORM_SERVICE_PORT : WORLD_SERVICE_PORT},
	        quoted);
	/* turned round: the server is the source */
	memcpy(f + 42, quoted + 14, 28);
	memset(f + 70, 0, 60);
	memcpy(f + 42 + 12, quoted + 30, 4);
	memcpy(f + 42 + 16, quoted + 26, 4);
	memcpy(f + 42 + 20, quoted + 36, 2);
	memcpy(f + 42 + 22, quoted + 34, 2);
	be32_store(f + 42 + 24, ours ? near(r, m->flow[h][p].seq - 1)
	                             : c->judge.iss + 0x40000000 + rng_below(r, 1 << 30));
	memcpy(f, quoted, 42);
	be16_store(f + 16, (uint16_t)(28 + len));
	f[23] = IPPROTO_ICMP_;
	f[34] = type[rng_below(r, sizeof(type))];
	f[35] = rng_permille(r, 500) ? ICMP_UNREACH_FRAG : (uint8_t)rng_below(r, 16);
	be16_store(f + 40, (uint16_t)rng_next(r));
	memset(f + 24, 0, 2);
	sum = (be16)~checksum_fold(checksum_add(0, f + 14, 20));
	memcpy(f + 24, &sum, 2);
	memset(f + 36, 0, 2);
	sum = (be16)~checksum_fold(checksum_add(0, f + 34, 8 + len));
	memcpy(f + 36, &sum, 2);
	return 42 + len;
}

/* The sender is none of the sessions, or the server itself. */
static unsigned
draw_arp(struct storm *m, uint8_t *f)
{
	struct rng *r = &m->rng;
	uint8_t mac[ETH_ALEN];
	be32 spa = rng_permille(r, 100) ? rig_ports[0].ip
	                                : rig_ip(10, 0, 0, 100 + rng_below(r, 100));

	for (unsigned i = 0; i < ETH_ALEN; i++)
		mac[i] = (uint8_t)rng_next(r);
	build_arp_request(f, mac, rng_permille(r, 100) ? 0 : spa,
	        rng_permille(r, 500) ? rig_ports[0].ip : (be32)rng_next(r), NULL);
	f[21] = (uint8_t)(rng_permille(r, 900) ? 1 + rng_below(r, 2) : rng_next(r));
	return rng_permille(r, 900) ? 42 : rng_below(r, 43);
}

/* A frame of those at work, damaged: its checksum is wrong then. */
static unsigned
draw_damaged(struct storm *m, uint8_t *frame)
{
	const struct client *c = &m->w->client[rng_below(&m->rng, m->w->nclients)];
	unsigned len = rig_build(&(struct say) {.src = c->conf.ip,
	                                 .sport = c->conf.port,
	                                 .dport = c->conf.server_port,
	                                 .seq = c->snd_nxt,
	                                 .ack = c->irs + 1 + c->in,
	                                 .wnd = 1000,
	                                 .flags = draw_flags(&m->rng),
	                                 .text = sim_stream(c->conf.send_at),
	                                 .len = rng_below(&m->rng, 100)},
	        frame);

	frame[14 + rng_below(&m->rng, len - 14)] ^= (uint8_t)(1 + rng_below(&m->rng, 255));
	return len;
}

static void
blow(struct storm *m)
{
	static unsigned (*const draw[])(struct storm *, uint8_t *) = {draw_segment,
	        draw_segment, draw_segment, draw_mutation, draw_mutation, draw_garbage,
	        draw_icmp, draw_arp, draw_damaged};
	unsigned n = rng_below(&m->rng, PER_STEP);

	while (n-- > 0) {
		uint8_t frame[2048];
		unsigned len = draw[rng_below(&m->rng, sizeof(draw) / sizeof(draw[0]))](
		        m, frame);

		m->w->rig->slack = (uint16_t)(rng_permille(&m->rng, 500) ? 0 : 1500);
		rig_push(m->w->rig, 0, frame, len);
	}
}

/* Text of the storm to the service, which ignores it. */
static uint32_t
storm_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct hf_buf *b = hf_keep(h, c);

	(void)self;
	if (b == NULL || hf_send_buf(h, c, b, bytes, len) != 0) {
		if (b != NULL)
			hf_buf_free(h, b);
		return len / 2;
	}
	if (bytes[len - 1] % 64 == 0)
		hf_abort(h, c);
	else if (bytes[len - 1] % 64 == 1)
		hf_shutdown(h, c);
	else if (bytes[len - 1] % 64 == 2)
		hf_linger(h, c);
	return len;
}

static const struct hf_service storm_service = {.name = "storm", .data = storm_data};

static void
add_clients(struct world *w, struct rng *r)
{
	for (unsigned i = 0; i < 6; i++) {
		struct client_conf c = {.ip = rig_ip(10, 0, 0, 10 + i),
		        .ts = i & 1,
		        .sack = i & 2,
		        .wscale = i & 4,
		        .shift = 7,
		        .mss = 1460,
		        .room = 60000,
		        .burst = 3,
		        .max_len = 1460,
		        .close = CLOSE_WITH_DATA,
		        .abort_at = UINT32_MAX,
		        .send = 100000 + rng_below(r, 100000),
		        .send_at = (uint32_t)rng_next(r),
		        .expect_at = (uint32_t)rng_next(r)};
		struct session_conf s = {
		        .mode = MODE_STATIC, .chunk = 5000, .abort_at = UINT32_MAX};

		c.expect = c.send;
		s.in = s.out = c.send;
		s.in_at = c.send_at;
		s.out_at = c.expect_at;
		world_add_client(w, &c, &s);
	}
}

/* The sessions are done, intact, and were never reset. Then only the storm's connections are
 * left, and stack_abort_all() ends them. */
static void
check_workers(const struct world *w)
{
	for (unsigned i = 0; i < w->nclients; i++) {
		const struct client *c = &w->client[i];
		const struct session *s = &w->sessions.s[i];

		if (c->was_reset || s->opened != 1 || s->closed != 1 || s->why != HF_CLOSED ||
		        s->got != s->conf.in || c->in != c->conf.expect)
			sim_fail("session %u: %s after %u and %u bytes", i,
			        hf_reason_name(s->why), s->got, c->in);
	}
}

/* It must have come in, or all this proves nothing. */
static void
check_storm(const struct world *w)
{
	const struct counters *n = stack_counters(w->rig->st);
	unsigned reasons = 0;

	for (unsigned i = 0; i < DROP_COUNT; i++) {
		reasons += n->drop[i] != 0;
		if (sim_verbose() && n->drop[i] != 0)
			printf("%8llu %s\n", (unsigned long long)n->drop[i], drop_name(i));
	}
	if (sim_verbose())
		printf("accepted %llu reset %llu aborted %llu out of order %llu TIME-WAIT "
		       "%llu\n",
		        (unsigned long long)n->conn_accepted, (unsigned long long)n->conn_reset,
		        (unsigned long long)n->conn_aborted,
		        (unsigned long long)n->out_of_order, (unsigned long long)n->tw_entered);
	if (n->conn_accepted < 20 + w->nclients || reasons < 25)
		sim_fail("a mild storm: %llu accepted, %u reasons to drop",
		        (unsigned long long)n->conn_accepted, reasons);
}

static void
one(uint64_t seed)
{
	static struct world w;
	static struct storm m;
	struct stack_conf conf = {.max_conns = 128,
	        .max_half_open = 64,
	        .max_time_wait = 64,
	        .max_kept = 2000,
	        .msl_ms = MSL_MS,
	        .fin_wait_2_ms = 500,
	        .syn_retries = 2,
	        .retries = 4,
	        .rcv_wnd = 262144};
	unsigned steps = 0;

	memcpy(conf.secret, &seed, sizeof(seed));
	memset(&m, 0, sizeof(m));
	m.rng.state = seed * 77;
	m.w = &w;
	world_create(&w, &conf, seed, 1000000);
	w.stranger = storm_hears;
	w.ctx = &m;
	w.wire.faults.delay_us = 500;
	w.turn_us = 1000;
	if (stack_listen(w.rig->st, 0, cpu_to_be16(STORM_SERVICE_PORT), &storm_service, NULL) !=
	        0)
		sim_fail("stack_listen()");
	add_clients(&w, &m.rng);
	for (; steps < STEPS || !world_is_over(&w); steps++) {
		if (steps > 100 * STEPS)
			sim_fail("it does not end");
		blow(&m);
		world_step(&w);
	}
	check_workers(&w);
	check_storm(&w);
	stack_abort_all(w.rig->st, w.rig->now);
	world_settle(&w, 2 * MSL_MS + 5000);
	world_destroy(&w);
}

int
main(void)
{
	return sim_main("storm", 60, one);
}
