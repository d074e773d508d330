/* SPDX-License-Identifier: BSD-3-Clause */
/* An attacker that forges a source makes us send to it. We send at most one frame, of no more
 * bytes than came plus 4 (the MSS option of a SYN-ACK, if the SYN has none). The tests send all
 * flags and all sets of options, each in its shortest form, to each kind of record of a flow.
 */
#include <criterion/criterion.h>

#include <stdio.h>

#include "stack/rig.h"
#include "wire/checksum.h"

#define AT_TCP (sizeof(struct eth_hdr) + sizeof(struct ipv4_hdr))

static const struct tcp_opts TS = {.present = SEG_OPT_TS, .tsval = 5000};
static const struct tcp_opts ALL = {
        .present = SEG_OPT_TS | SEG_OPT_WSCALE | SEG_OPT_MSS | SEG_OPT_SACK_OK,
        .mss = 1460,
        .wscale = 7,
        .tsval = 5000};

struct run {
	struct rig *r;
	uint16_t sport;
	uint16_t dport;
	uint32_t rcv_nxt, snd_nxt; /* right guesses, if there are any */
	uint32_t within;           /* a guess at rcv_nxt that only hits the window */
	bool blind; /* a right acknowledgment proves its source, and is left out */
	unsigned may_add;
	unsigned answered;
	int most; /* bytes out minus bytes in */
};

static struct run
run_new(void)
{
	struct stack_conf conf = {.max_conns = 256,
	        .max_half_open = 128,
	        .max_time_wait = 64,
	        .max_kept = 512,
	        .rst_per_s = 1u << 30,
	        .secret = "a test's secret"};

	return (struct run) {.r = rig_new(&conf, 1000000),
	        .sport = 1024,
	        .dport = 80,
	        .rcv_nxt = 1001,
	        .snd_nxt = 77777,
	        .may_add = 4,
	        .most = -2000};
}

static void
run_free(struct run *t)
{
	stack_abort_all(t->r->st, t->r->now);
	cr_expect_eq(rig_free(t->r), 0);
}

static unsigned
append(uint8_t *at, const void *option, unsigned len)
{
	memcpy(at, option, len);
	return len;
}

/* Options of this set with nothing between them, up to a multiple of 4. */
static unsigned
pack(uint8_t at[40], uint8_t set)
{
	unsigned n = 0;

	memset(at, 0, 40);
	if (set & SEG_OPT_MSS)
		n += append(at + n, (uint8_t[]) {2, 4, 5, 180}, 4);
	if (set & SEG_OPT_WSCALE)
		n += append(at + n, (uint8_t[]) {3, 3, 7}, 3);
	if (set & SEG_OPT_SACK_OK)
		n += append(at + n, (uint8_t[]) {4, 2}, 2);
	if (set & SEG_OPT_TS)
		n += append(at + n, (uint8_t[]) {8, 10, 0, 0, 0x13, 0x88, 0, 0, 0, 1}, 10);
	if (set & SEG_OPT_SACK)
		n += append(at + n, (uint8_t[]) {5, 10, 0, 0, 0, 1, 0, 0, 0, 9}, 10);
	return (n + 3) & ~3u;
}

/* The frames that the stack sends for one frame keep to the bounds. */
static void
expect_no_more(struct run *t, unsigned ip_bytes, const char *what)
{
	struct rig *r = t->r;

	rig_turn(r);
	cr_assert_leq(r->nout, 1, "%u frames for %s", r->nout, what);
	if (r->nout == 1) {
		int more = r->out[0].seg.frame_len - (int)sizeof(struct eth_hdr) -
		           (int)ip_bytes;

		t->answered++;
		t->most = more > t->most ? more : t->most;
		cr_assert_leq(more, (int)t->may_add, "%d bytes more than %s", more, what);
	}
	rig_forget(r);
}

static void
probe(struct run *t, uint8_t flags, uint8_t options, uint32_t len, uint32_t seq, uint32_t ack)
{
	uint8_t frame[200], text[60];
	unsigned nopts = pack(text, options), n;
	struct say w = {.sport = t->sport,
	        .dport = t->dport,
	        .flags = flags,
	        .seq = seq,
	        .ack = ack,
	        .wnd = 8000,
	        .text = text,
	        .len = nopts + len};
	char what[100];

	text[nopts] = 'x';
	n = rig_build(&w, frame);
	frame[AT_TCP + 12] = (uint8_t)((20 + nopts) / 4 << 4);
	t->r->csum_ok = SEG_CSUM_L4;
	cr_assert_eq(rig_push(t->r, 0, frame, n), DROP_NONE);
	t->r->csum_ok = 0;
	snprintf(what, sizeof(what), "flags %#x options %#x len %u seq %u ack %u", flags,
	        options, len, seq, ack);
	expect_no_more(t, n - (unsigned)sizeof(struct eth_hdr), what);
}

typedef void (*prepare_fn)(struct run *t);

/* Each frame belongs to a flow of its own. */
static void
every_segment(struct run *t, prepare_fn prepare)
{
	for (unsigned i = 0; i < 64u * 32 * 2 * 4; i++) {
		uint32_t seq, ack;

		prepare(t);
		seq = t->rcv_nxt + (i & 1 ? t->within : i & 2 ? 200000 : (uint32_t)-1);
		ack = t->snd_nxt + (i & 2 && !t->blind ? 0 : 400000);
		probe(t, i >> 3 & 63, i >> 9 & 31, i >> 2 & 1, seq, ack);
		stack_abort_all(t->r->st, t->r->now);
		rig_forget(t->r);
		t->sport = t->sport == 65535 ? 1024 : t->sport + 1;
	}
}

static void
nothing(struct run *t)
{
	(void)t;
}

Test(amplification, closed_port)
{
	struct run t = run_new();

	every_segment(&t, nothing);
	cr_expect_geq(t.answered, 8000, "%u answers", t.answered);
	cr_expect_eq(t.most, 0);
	run_free(&t);
}

Test(amplification, listener)
{
	struct run t = run_new();
	struct rig_log log = {0};

	rig_listen(t.r, 80, &rig_quiet, &log);
	every_segment(&t, nothing);
	cr_expect_geq(t.answered, 4000, "%u answers", t.answered);
	cr_expect_eq(t.most, 4, "the SYN-ACK's MSS");
	run_free(&t);
}

static void
half_open(struct run *t, struct tcp_opts opts)
{
	const struct rig_out *o;

	rig_tcp(t->r, .sport = t->sport, .flags = TCP_SYN, .seq = 1000, .opts = opts,
	        .wnd = 8000);
	rig_turn(t->r);
	o = rig_next(t->r);
	cr_assert_not_null(o);
	t->snd_nxt = o->seg.seq + 1;
	rig_forget(t->r);
}

static void
half_open_with_none(struct run *t)
{
	half_open(t, (struct tcp_opts) {.present = 0});
}

static void
half_open_with_all(struct run *t)
{
	half_open(t, ALL);
}

Test(amplification, half_open)
{
	struct run t = run_new();
	struct rig_log log = {0};

	t.blind = true;
	rig_listen(t.r, 80, &rig_quiet, &log);
	every_segment(&t, half_open_with_none);
	cr_expect_geq(t.answered, 1000, "%u answers", t.answered);
	run_free(&t);
}

/* A SYN-ACK that is said again has no option that the SYN which asks for it has not. */
Test(amplification, half_open_with_options)
{
	struct run t = run_new();
	struct rig_log log = {0};

	t.blind = true;
	rig_listen(t.r, 80, &rig_quiet, &log);
	every_segment(&t, half_open_with_all);
	cr_expect_geq(t.answered, 1000, "%u answers", t.answered);
	run_free(&t);
}

/* RFC 5961 3.2: a bare RST in the window is challenged, and has no timestamps. */
Test(amplification, half_open_with_options_inside_the_window)
{
	struct run t = run_new();
	struct rig_log log = {0};

	t.blind = true;
	t.within = 5;
	rig_listen(t.r, 80, &rig_quiet, &log);
	every_segment(&t, half_open_with_all);
	cr_expect_geq(t.answered, 1000, "%u answers", t.answered);
	run_free(&t);
}

static void
time_wait(struct run *t, struct tcp_opts opts)
{
	uint32_t ack = rig_handshake(t->r, t->sport, opts, 8000);

	opts.present &= SEG_OPT_TS;
	rig_tcp(t->r, .sport = t->sport, .flags = TCP_ACK, .seq = 1001, .ack = ack,
	        .opts = opts, .wnd = 8000, .text = "x", .len = 1);
	rig_turn(t->r);
	rig_tcp(t->r, .sport = t->sport, .flags = TCP_ACK | TCP_FIN, .seq = 1002,
	        .ack = ack + 6, .opts = opts, .wnd = 8000);
	rig_turn(t->r);
	rig_forget(t->r);
	t->rcv_nxt = 1003;
	t->snd_nxt = ack + 6;
}

static void
time_wait_without_ts(struct run *t)
{
	time_wait(t, (struct tcp_opts) {.present = 0});
}

static void
time_wait_with_ts(struct run *t)
{
	time_wait(t, TS);
}

/* Its peer was there once, and need not be any more. */
Test(amplification, time_wait)
{
	static const prepare_fn prepare[] = {time_wait_without_ts, time_wait_with_ts};

	for (unsigned i = 0; i < 2; i++) {
		struct run t = run_new();
		struct rig_log log = {0};

		rig_listen(t.r, 80, &rig_answer, &log);
		every_segment(&t, prepare[i]);
		cr_expect_geq(t.answered, 4000, "%u answers", t.answered);
		cr_expect_eq(stack_usage(t.r->st).time_wait, 64);
		run_free(&t);
	}
}

/* RFC 7323 3.2: a segment without timestamps is not for this connection; a SYN
 * may be for the next. */
Test(amplification, a_time_wait_with_timestamps_answers_a_syn_without_them)
{
	struct run t = run_new();
	struct rig_log log = {0};
	const struct rig_out *o;

	rig_listen(t.r, 80, &rig_answer, &log);
	time_wait_with_ts(&t);
	rig_tcp(t.r, .sport = t.sport, .flags = TCP_ACK | TCP_FIN, .seq = 1002,
	        .ack = t.snd_nxt, .wnd = 8000);
	rig_turn(t.r);
	cr_expect_null(rig_next(t.r));
	cr_expect_eq(rig_drops(t.r, DROP_TCP_TS_MISSING), 1);
	rig_tcp(t.r, .sport = t.sport, .flags = TCP_SYN, .seq = 1002, .wnd = 8000);
	rig_turn(t.r);
	o = rig_next(t.r);
	cr_assert_not_null(o);
	cr_expect_eq(o->seg.flags, TCP_ACK);
	cr_expect_eq(o->seg.ack, 1003);
	cr_expect_eq(o->seg.opts, 0);
	run_free(&t);
}

static void
established(struct run *t)
{
	t->snd_nxt = rig_handshake(t->r, t->sport, TS, 8000);
	rig_forget(t->r);
}

/* A verified source: its answers have the timestamps that the RFC asks for (7323
 * 3.2), a challenge to a bare RST or SYN, too. These are 10 a second. */
Test(amplification, established_adds_timestamps_at_the_most)
{
	struct run t = run_new();
	struct rig_log log = {0};

	t.may_add = 12;
	rig_listen(t.r, 80, &rig_quiet, &log);
	every_segment(&t, established);
	cr_expect_geq(t.answered, 3000, "%u answers", t.answered);
	run_free(&t);
}

/* An ICMP message of `len` bytes behind `ihl` bytes of IPv4 header. */
static unsigned
icmp(uint8_t *f, unsigned ihl, uint8_t type, uint8_t code, const void *body, unsigned len)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(void *)(f + sizeof(struct eth_hdr));
	be16 sum;

	memcpy(f, rig_ports[0].mac, ETH_ALEN);
	memcpy(f + 6, rig_peer_mac, ETH_ALEN);
	f[12] = 8;
	f[13] = 0;
	memset(ip, 1, ihl); /* options: no-operations */
	*ip = (struct ipv4_hdr) {.version_ihl = (uint8_t)(0x40 | ihl / 4),
	        .total_length = cpu_to_be16((uint16_t)(ihl + 8 + len)),
	        .ttl = 3,
	        .protocol = IPPROTO_ICMP_,
	        .src = rig_ip(10, 0, 0, 1),
	        .dst = rig_ports[0].ip};
	memset(f + 14 + ihl, 0, 8);
	f[14 + ihl] = type;
	f[15 + ihl] = code;
	memcpy(f + 14 + ihl + 8, body, len);
	sum = (be16)~checksum_fold(checksum_add(0, f + 14 + ihl, 8 + len));
	memcpy(f + 14 + ihl + 2, &sum, 2);
	return 14 + ihl + 8 + len;
}

static void
push_icmp(
        struct run *t, unsigned ihl, uint8_t type, uint8_t code, const void *body, unsigned len)
{
	uint8_t frame[2000];
	unsigned n = icmp(frame, ihl, type, code, body, len);
	char what[60];

	t->r->csum_ok = SEG_CSUM_IP;
	rig_push(t->r, 0, frame, n);
	t->r->csum_ok = 0;
	snprintf(what, sizeof(what), "ICMP %u/%u of %u bytes", type, code, len);
	expect_no_more(t, n - 14, what);
}

Test(amplification, icmp_of_every_type)
{
	struct run t = run_new();
	uint8_t quote[28] = {0x45};

	memcpy(quote + 12, &rig_ports[0].ip, 4);
	quote[9] = IPPROTO_TCP_;
	for (unsigned type = 0; type < 256; type++)
		for (unsigned code = 0; code < 8; code++)
			push_icmp(&t, 20, (uint8_t)type, (uint8_t)code, quote, sizeof(quote));
	cr_expect_eq(t.answered, 8, "echo alone, whatever its code");
	for (unsigned len = 0; len < 1400; len += 7)
		for (unsigned ihl = 20; ihl <= 60; ihl += 20)
			push_icmp(&t, ihl, ICMP_ECHO, 0, rig_stream, len);
	cr_expect_geq(t.answered, 200);
	cr_expect_eq(t.most, 0);
	run_free(&t);
}

Test(amplification, arp_of_every_kind)
{
	const be32 ip[] = {0, rig_ip(10, 0, 0, 1), rig_ports[0].ip, rig_ip(255, 255, 255, 255)};
	struct run t = run_new();
	uint8_t frame[42];

	for (unsigned i = 0; i < 4 * 4 * 4; i++) {
		build_arp_request(frame, rig_peer_mac, ip[i & 3], ip[i >> 2 & 3], NULL);
		frame[21] = (uint8_t)(i >> 4); /* operation */
		rig_push(t.r, 0, frame, sizeof(frame));
		expect_no_more(&t, sizeof(frame) - 14, "ARP");
	}
	cr_expect_geq(t.answered, 2);
	cr_expect_eq(t.most, 0);
	run_free(&t);
}
