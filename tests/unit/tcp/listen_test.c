/* SPDX-License-Identifier: BSD-3-Clause */
/* The passive open: LISTEN and SYN-RECEIVED. */
#include "peer.h"
#include "tcp/life.h"

#define SYN_ACK (TCP_SYN | TCP_ACK)

/* RFC 9293 3.10.7.2 third, 3.10.7.4 fifth */
Test(tcp_listen, handshake_opens_and_tells)
{
	struct peer *p = peer_new((struct peer_how) {0});

	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	expect_log(p, "");
	cr_expect_eq(p->t->half.pool.used, 1);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	cr_expect_eq(p->t->half.pool.used, 0);
	expect_log(p, "o");
	expect_silence(p);
	peer_end(p);
}

/* The answer to the SYN goes out in the buffer of the SYN. */
Test(tcp_listen, syn_ack_reuses_the_packet)
{
	struct peer *p = peer_new((struct peer_how) {0});

	peer_send(p, .flags = TCP_SYN);
	cr_expect(sent_next(p)->in_place);
	peer_end(p);
}

/* RFC 9293 3.10.7.2 first, second */
Test(tcp_listen, rst_ignored_ack_reset)
{
	struct peer *p = peer_new((struct peer_how) {0});

	cr_expect_eq(peer_send(p, .flags = TCP_RST, .seq = 5), DROP_TCP_LISTEN_FLAGS);
	cr_expect_eq(peer_send(p, .flags = TCP_RST | TCP_ACK, .seq = 5), DROP_TCP_LISTEN_FLAGS);
	expect_silence(p);
	cr_expect_eq(
	        peer_send(p, .flags = TCP_ACK, .seq = 5, .ack = 99), DROP_TCP_LISTEN_FLAGS);
	expect_sent(p, .flags = TCP_RST, .seq = 99, .ack = -p->iss - 1);
	cr_expect_eq(peer_send(p, .flags = SYN_ACK, .seq = 5, .ack = 7), DROP_TCP_LISTEN_FLAGS);
	expect_sent(p, .flags = TCP_RST, .seq = 7, .ack = -p->iss - 1);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}

/* RFC 9293 3.10.7.2, "any other control or data": not a SYN */
Test(tcp_listen, neither_syn_nor_ack_ignored)
{
	static const uint8_t flags[] = {0, TCP_FIN, TCP_PSH, TCP_URG, TCP_SYN | TCP_FIN};
	struct peer *p = peer_new((struct peer_how) {0});

	for (unsigned i = 0; i < sizeof(flags); i++) {
		cr_expect_eq(peer_send(p, .flags = flags[i], .len = 3, .seq = 9),
		        DROP_TCP_LISTEN_FLAGS);
		cr_expect_eq(peer_state(p), TCP_CLOSED);
	}
	expect_silence(p);
	peer_end(p);
}

static void
expect_mss(uint8_t opts, uint16_t offered, uint16_t expected)
{
	struct peer *p = peer_new((struct peer_how) {0});
	const struct sent *s;

	peer_send(p, .flags = TCP_SYN, .opts = opts, .mss = offered);
	s = sent_next(p);
	cr_expect(s->opts.present & SEG_OPT_MSS);
	cr_expect_eq(s->opts.mss, 1460, "ours is the MTU less 40 (RFC 6691)");
	p->ts = opts & SEG_OPT_TS;
	p->conn = tcp_conn_at(p->t, 0);
	peer_send(p, .flags = TCP_ACK);
	app_send(p, 4000);
	s = sent_next(p);
	cr_expect_eq(s->len, expected, "MSS %u: %u octets went", offered, s->len);
	peer_end(p);
}

/* RFC 9293 3.7.1 (MUST-15, MUST-16), RFC 6691 */
Test(tcp_listen, mss_both_ways)
{
	expect_mss(SEG_OPT_MSS, 1460, 1460);
	expect_mss(SEG_OPT_MSS, 9000, 1460);
	expect_mss(SEG_OPT_MSS, 700, 700);
	expect_mss(SEG_OPT_SACK_OK, 0, 536);
	expect_mss(SEG_OPT_MSS, 64, 64);
	expect_mss(SEG_OPT_MSS | SEG_OPT_TS, 1460, 1448);
	expect_mss(SEG_OPT_MSS | SEG_OPT_TS, 64, 52);
}

/* RFC 7323 2.2, 3.2, RFC 2018 2: each only if the SYN carried it */
Test(tcp_listen, options_answered_only_if_offered)
{
	for (unsigned o = 0; o < 8; o++) {
		uint8_t opts = (uint8_t)(SEG_OPT_MSS | (o & 1 ? SEG_OPT_TS : 0) |
		                         (o & 2 ? SEG_OPT_SACK_OK : 0) |
		                         (o & 4 ? SEG_OPT_WSCALE : 0));
		struct peer *p = peer_new((struct peer_how) {.rcv_wnd = 1 << 20});
		const struct sent *s;

		peer_send(p, .flags = TCP_SYN, .opts = opts, .mss = 1460, .wscale = 0);
		s = sent_next(p);
		cr_expect_eq(s->opts.present, opts, "offered %#x, answered %#x", opts,
		        s->opts.present);
		if (o & 1) {
			cr_expect_eq(s->opts.tsecr, p->t->now.ms + p->tsval);
			p->ts = true;
		}
		if (o & 4)
			cr_expect_eq(s->opts.wscale, 5, "1 MiB needs a shift of 5");
		p->conn = tcp_conn_at(p->t, 0);
		peer_send(p, .flags = TCP_ACK);
		peer_send(p, .flags = TCP_ACK, .len = 10);
		s = sent_next(p);
		cr_expect_eq(s->opts.present, opts & SEG_OPT_TS);
		cr_expect_eq(s->wnd, o & 4 ? (1 << 20) >> 5 : 65535);
		peer_end(p);
	}
}

/* RFC 7323 2.3: more than 14 is taken as 14. 2.2: a SYN's own window is not scaled */
Test(tcp_listen, window_scale_above_14)
{
	struct peer *p = peer_new(
	        (struct peer_how) {.rcv_wnd = 1 << 20, .wscale = 201, .wnd = 1});
	const struct sent *s;

	peer_send(p, .flags = TCP_SYN, .wnd = 2000);
	s = sent_next(p);
	cr_expect_eq(s->wnd, 65535);
	peer_send(p, .flags = TCP_ACK, .wnd = 3);
	cr_expect_eq(p->conn->snd_wnd, 3u << 14);
	peer_end(p);
}

/* RFC 9293 3.10.7.2: text on the SYN is not lost; not acknowledged, it comes again */
Test(tcp_listen, syn_with_text_acknowledges_the_syn_alone)
{
	struct peer *p = peer_new((struct peer_how) {0});

	cr_expect_eq(peer_send(p, .flags = TCP_SYN, .len = 20), DROP_NONE);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	p->seq = 0;
	p->conn = tcp_conn_at(p->t, 0);
	peer_send(p, .flags = TCP_ACK, .len = 20);
	expect_sent(p, .flags = TCP_ACK, .ack = 20);
	cr_expect_eq(p->got, 20);
	peer_end(p);
}

/* RFC 9293 3.8.1: the SYN again, the SYN-ACK again, and one connection */
Test(tcp_listen, syn_again_syn_ack_again)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED, .ts = true);
	uint32_t iss = p->our_iss;

	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_TCP_OLD);
	expect_sent(p, .flags = SYN_ACK, .seq = -1);
	cr_expect_eq(p->our_iss, iss);
	cr_expect_eq(p->t->half.pool.used, 1);
	cr_expect_eq(p->t->conns.used, 0);
	peer_end(p);
}

/* RFC 6298 3 (Karn): which of two SYN-ACKs the ACK answers is not known; and
 * RFC 5681 3.1: one segment after a lost SYN-ACK */
Test(tcp_listen, syn_again_measures_nothing)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	peer_wait(p, 900);
	peer_send(p, .flags = TCP_SYN);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(p->conn->srtt8_us, 0);
	cr_expect_eq(p->conn->cwnd, 1460);
	peer_end(p);
}

/* RFC 6298 5.5, 5.7; RFC 9293 3.8.3: 1 s, 2, 4, ... and then no more */
Test(tcp_listen, syn_ack_backs_off_and_gives_up)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	for (uint64_t s = 1; s <= 16; s *= 2) {
		peer_wait(p, s * 1000 - 1);
		expect_silence(p);
		peer_wait(p, 1);
		expect_sent(p, .flags = SYN_ACK, .seq = -1);
	}
	peer_wait(p, 31999);
	cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
	peer_wait(p, 1);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	expect_silence(p);
	cr_expect_eq(p->t->count->syn_timeout, 1);
	expect_log(p, "");
	peer_end(p);
}

/* RFC 6298 5.7, RFC 5681 3.1: after a lost SYN-ACK 3 s and one segment */
Test(tcp_listen, lost_syn_ack_makes_a_careful_start)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	peer_wait(p, 1000);
	peer_send(p, .flags = TCP_ACK);
	sent_forget(p);
	cr_expect_eq(p->conn->cwnd, 1460);
	app_send(p, 5000);
	sent_forget(p);
	peer_wait(p, 2999);
	expect_silence(p);
	peer_wait(p, 1);
	expect_sent(p, .flags = TCP_ACK, .len = 1460);
	peer_end(p);
}

/* RFC 9293 3.10.7.4 second: back to LISTEN, and no application is told */
Test(tcp_listen, rst_in_syn_received)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	cr_expect_eq(peer_send(p, .flags = TCP_RST), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(p->t->half.pool.used, 0);
	expect_silence(p);
	expect_log(p, "");
	p->seq = 0;
	peer_connect(p);
	expect_log(p, "o");
	peer_end(p);
}

/* RFC 9293 3.10.7.4 fifth: <SEQ=SEG.ACK><CTL=RST>, and it stays half open */
Test(tcp_listen, wrong_ack_reset)
{
	for (int off = -1; off <= 1; off += 2) {
		struct peer *p = peer_in(TCP_SYN_RECEIVED);

		cr_expect_eq(
		        peer_send(p, .flags = TCP_ACK, .ack = off), DROP_TCP_ACK_HANDSHAKE);
		expect_sent(p, .flags = TCP_RST, .seq = (uint32_t)off, .ack = -p->iss - 1);
		cr_expect_eq(peer_state(p), TCP_SYN_RECEIVED);
		peer_send(p, .flags = TCP_ACK);
		cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
		peer_end(p);
	}
}

/* RFC 9293 3.10.7.4 seventh, eighth: in the segment that completes the handshake */
Test(tcp_listen, last_ack_with_text)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 7), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK, .ack = 7);
	expect_log(p, "od");
	peer_end(p);
}

Test(tcp_listen, last_ack_with_text_and_fin)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 7), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK, .ack = 8);
	cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
	expect_log(p, "odf");
	peer_end(p);
}

/* The ACK is lost, text behind it is not: that opens too. */
Test(tcp_listen, text_out_of_order_opens)
{
	struct peer *p = peer_in(TCP_SYN_RECEIVED);

	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 50), DROP_NONE);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	expect_sent(p, .flags = TCP_ACK, .ack = 0);
	peer_end(p);
}

/* Without cookies, the oldest record makes room. */
Test(tcp_listen, backlog_is_bounded)
{
	struct peer *p = peer_new(
	        (struct peer_how) {.max_half_open = 3, .syn_cookie = SYN_COOKIE_OFF});
	struct peer *q[4];

	for (unsigned i = 0; i < 4; i++) {
		q[i] = peer_beside(p);
		cr_expect_eq(peer_send(q[i], .flags = TCP_SYN), DROP_NONE);
		peer_jump(p, 1000);
	}
	cr_expect_eq(p->t->half.pool.used, 3);
	cr_expect_eq(p->t->count->syn_evicted, 1);
	cr_expect_eq(peer_state(q[0]), TCP_CLOSED);
	for (unsigned i = 1; i < 4; i++) {
		peer_send(q[i], .flags = TCP_ACK);
		cr_expect_eq(peer_state(q[i]), TCP_ESTABLISHED);
	}
	peer_end(p);
}

static void
replace_keys(struct peer *p, uint8_t first)
{
	struct cookie_masters m = {.n = 1, .master = {{.key = {first}}}};

	cookie_keys_replace(&p->t->cookies, &m, p->t->now.us);
}

/* New keys count at once, and the former ones still hold. This includes timestamps, whose clock
 * depends on the first of the keys. */
Test(tcp_listen, cookie_under_former_keys_opens)
{
	for (int ts = 0; ts < 2; ts++) {
		struct peer *p = peer_new((struct peer_how) {
		        .syn_cookie = SYN_COOKIE_ALWAYS, .ts = ts != 0, .wscale = 1 + 7});

		cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
		replace_keys(p, 1);
		cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE, "ts %d", ts);
		cr_expect_eq(peer_state(p), TCP_ESTABLISHED, "ts %d", ts);
		cr_expect_eq(p->conn->snd_wscale, 7);
		peer_end(p);
	}
}

/* Keys of two sets ago do not hold. */
Test(tcp_listen, cookie_under_older_keys_opens_nothing)
{
	struct peer *p = peer_new((struct peer_how) {.syn_cookie = SYN_COOKIE_ALWAYS});

	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
	replace_keys(p, 1);
	replace_keys(p, 2);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK), DROP_COOKIE_WRONG);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}

Test(tcp_listen, table_full_is_no_harm)
{
	struct peer *p = peer_new((struct peer_how) {.max_half_open = 16});

	for (unsigned i = 0; i < 6; i++) {
		struct peer *q = peer_beside(p);

		if (i < 5)
			peer_connect(q);
		if (i < 5)
			continue;
		/* The peer stays half open, and may come when a connection has ended. */
		cr_expect_eq(peer_send(q, .flags = TCP_SYN), DROP_NONE);
		p->t->conns.capacity = 5; /* another peer was quicker */
		cr_expect_eq(peer_send(q, .flags = TCP_ACK), DROP_CONN_FULL);
		cr_expect_eq(peer_state(q), TCP_SYN_RECEIVED);
		tcp_conn_abort(p->t, tcp_conn_at(p->t, 0), NULL, HF_ABORTED);
		cr_expect_eq(peer_send(q, .flags = TCP_ACK), DROP_NONE);
		cr_expect_eq(peer_state(q), TCP_ESTABLISHED);
	}
	peer_end(p);
}

Test(tcp_listen, draining_resets_a_syn)
{
	struct peer *p = peer_new((struct peer_how) {0});
	struct peer *q = peer_beside(p);

	peer_connect(q);
	p->t->refusing = true;
	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_SYN_DRAINING);
	expect_sent(p, .flags = TCP_RST | TCP_ACK, .seq = -p->our_iss - 1);
	peer_send(q, .flags = TCP_ACK, .len = 5);
	cr_expect_eq(q->got, 5);
	peer_end(p);
}

/* Without a listener, each segment finds a CLOSED port. */
static struct peer *
closed_port(void)
{
	struct peer *p = peer_new((struct peer_how) {.rst_per_s = 5});

	p->t->listener_of_port[OUR_PORT] = TCP_NO_USER;
	return p;
}

/* RFC 9293 3.10.7.1: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>, or <SEQ=SEG.ACK><CTL=RST> */
Test(tcp_closed, reset_in_both_forms)
{
	struct peer *p = closed_port();
	uint32_t zero = -p->our_iss - 1;

	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_TCP_CLOSED);
	expect_sent(p, .flags = TCP_RST | TCP_ACK, .seq = zero, .ack = 0);
	cr_expect_eq(peer_send(p, .flags = TCP_FIN, .len = 10, .seq = 5), DROP_TCP_CLOSED);
	expect_sent(p, .flags = TCP_RST | TCP_ACK, .seq = zero, .ack = 16);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 10, .ack = 33), DROP_TCP_CLOSED);
	expect_sent(p, .flags = TCP_RST, .seq = 33, .ack = -p->iss - 1);
	cr_expect_eq(peer_send(p, .flags = SYN_ACK, .ack = 44), DROP_TCP_CLOSED);
	expect_sent(p, .flags = TCP_RST, .seq = 44, .ack = -p->iss - 1);
	peer_end(p);
}

/* RFC 9293 3.5.2: never a reset to a reset */
Test(tcp_closed, no_reset_to_a_reset)
{
	struct peer *p = closed_port();

	cr_expect_eq(peer_send(p, .flags = TCP_RST), DROP_TCP_CLOSED);
	cr_expect_eq(peer_send(p, .flags = TCP_RST | TCP_ACK), DROP_TCP_CLOSED);
	expect_silence(p);
	peer_end(p);
}

Test(tcp_closed, resets_have_a_rate)
{
	struct peer *p = closed_port();

	for (unsigned i = 0; i < 5; i++)
		cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_TCP_CLOSED);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_TCP_RST_RATE);
	cr_expect_eq(sent_waiting(p), 5);
	peer_wait(p, 1000);
	for (unsigned i = 0; i < 5; i++)
		cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_TCP_CLOSED);
	cr_expect_eq(peer_send(p, .flags = TCP_SYN), DROP_TCP_RST_RATE);
	peer_end(p);
}
