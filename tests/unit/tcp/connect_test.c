/* SPDX-License-Identifier: BSD-3-Clause */
/* SYN-SENT against each kind of segment (RFC 9293 3.10.7.3), and the options of the two SYNs.
 */
#include "rig.h"

#define SYN_ACK (TCP_SYN | TCP_ACK)
#define RST_ACK (TCP_RST | TCP_ACK)

enum answer {
	NOTHING,
	ACK,      /* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
	RST,      /* <SEQ=SEG.ACK><CTL=RST> */
	SYN_BOTH, /* <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> */
};

struct row {
	const char *name;
	struct say say;
	enum tcp_state then;
	enum answer answer;
	enum drop why;
	const char *log;
};

#define SAY(...)            \
	{                   \
		__VA_ARGS__ \
	}

/* Sequence numbers behind the SYN that are acknowledged. */
static uint32_t
taken(const struct row *r)
{
	bool open = r->then == TCP_ESTABLISHED || r->then == TCP_CLOSE_WAIT;

	return open ? r->say.len + !!(r->say.flags & TCP_FIN) : 0;
}

static void
expect_answer(struct peer *p, const struct row *r)
{
	const struct sent *s = sent_next(p);
	uint8_t flags = s != NULL ? s->flags : 0;

	switch (r->answer) {
	case NOTHING:
		cr_expect_null(s, "%s: answered with %#x", r->name, flags);
		return;
	case ACK:
		cr_expect(flags == TCP_ACK && s->seq == 0 && s->ack == taken(r) && s->len == 0,
		        "%s: not <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>", r->name);
		break;
	case RST:
		cr_expect(flags == TCP_RST && s->seq == (uint32_t)r->say.ack,
		        "%s: not <SEQ=SEG.ACK><CTL=RST>", r->name);
		break;
	case SYN_BOTH:
		cr_expect(
		        flags == SYN_ACK && s->seq == UINT32_MAX && s->ack == 0 && s->len == 0,
		        "%s: not <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>", r->name);
		break;
	}
	cr_expect_null(sent_next(p), "%s: answered twice", r->name);
}

static void
run(const struct row *rows, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		struct peer *p = peer_called(TCP_SYN_SENT);
		uint32_t iss = p->our_iss;
		enum drop why = peer_say(p, r->say);

		cr_expect_eq(why, r->why, "%s: %s, expected %s", r->name, drop_name(why),
		        drop_name(r->why));
		cr_expect_eq(peer_state(p), r->then, "%s: to %s", r->name,
		        tcp_state_names[peer_state(p)]);
		cr_expect_str_eq(p->log, r->log, "%s: events %s", r->name, p->log);
		cr_expect(r->then != TCP_CLOSED || p->why == HF_REFUSED, "%s: %s", r->name,
		        hf_reason_name(p->why));
		cr_expect_eq(p->got + (r->then == TCP_CLOSE_WAIT), taken(r),
		        "%s: %u octets delivered", r->name, (unsigned)p->got);
		expect_answer(p, r);
		cr_expect_eq(p->our_iss, iss, "%s: ISS has changed", r->name);
		peer_end(p);
	}
}

#define RUN(rows) run(rows, sizeof(rows) / sizeof((rows)[0]))

/* 3.10.7.3 first: "If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset (unless the
 * RST bit is set [...]) <SEQ=SEG.ACK><CTL=RST> and discard the segment." */
Test(tcp_syn_sent, ack_of_what_was_not_sent)
{
	static const struct row rows[] = {
	        {"SYN-ACK of ISS", SAY(.flags = SYN_ACK, .ack = -1), TCP_SYN_SENT, RST,
	                DROP_TCP_ACK_HANDSHAKE, ""},
	        {"SYN-ACK far below", SAY(.flags = SYN_ACK, .ack = -70000), TCP_SYN_SENT, RST,
	                DROP_TCP_ACK_HANDSHAKE, ""},
	        {"SYN-ACK above SND.NXT", SAY(.flags = SYN_ACK, .ack = 1), TCP_SYN_SENT, RST,
	                DROP_TCP_ACK_HANDSHAKE, ""},
	        {"SYN-ACK half a circle away", SAY(.flags = SYN_ACK, .ack = INT32_MAX),
	                TCP_SYN_SENT, RST, DROP_TCP_ACK_HANDSHAKE, ""},
	        {"ACK of an old connection", SAY(.flags = TCP_ACK, .seq = 300, .ack = 300),
	                TCP_SYN_SENT, RST, DROP_TCP_ACK_HANDSHAKE, ""},
	        {"text of an old connection",
	                SAY(.flags = TCP_ACK, .seq = 300, .ack = -300, .len = 9), TCP_SYN_SENT,
	                RST, DROP_TCP_ACK_HANDSHAKE, ""},
	        {"FIN of an old connection", SAY(.flags = TCP_ACK | TCP_FIN, .ack = 2),
	                TCP_SYN_SENT, RST, DROP_TCP_ACK_HANDSHAKE, ""},
	        {"RST of ISS", SAY(.flags = RST_ACK, .ack = -1), TCP_SYN_SENT, NOTHING,
	                DROP_TCP_ACK_HANDSHAKE, ""},
	        {"RST above SND.NXT", SAY(.flags = RST_ACK, .ack = 1), TCP_SYN_SENT, NOTHING,
	                DROP_TCP_ACK_HANDSHAKE, ""},
	        {"SYN-ACK-RST, wrong ACK", SAY(.flags = SYN_ACK | TCP_RST, .ack = 1),
	                TCP_SYN_SENT, NOTHING, DROP_TCP_ACK_HANDSHAKE, ""},
	};

	RUN(rows);
}

/* second; RFC 5961 3.2: only with an ACK that proves that our SYN was seen */
Test(tcp_syn_sent, reset)
{
	static const struct row rows[] = {
	        {"RST with our ACK", SAY(.flags = RST_ACK), TCP_CLOSED, NOTHING, DROP_NONE,
	                "c"},
	        {"... whatever its SEQ", SAY(.flags = RST_ACK, .seq = 123456), TCP_CLOSED,
	                NOTHING, DROP_NONE, "c"},
	        {"SYN-ACK-RST", SAY(.flags = SYN_ACK | TCP_RST), TCP_CLOSED, NOTHING, DROP_NONE,
	                "c"},
	        {"RST without ACK", SAY(.flags = TCP_RST), TCP_SYN_SENT, NOTHING,
	                DROP_TCP_RST_UNPROVED, ""},
	        {"RST-SYN without ACK", SAY(.flags = TCP_RST | TCP_SYN), TCP_SYN_SENT, NOTHING,
	                DROP_TCP_RST_UNPROVED, ""},
	};

	RUN(rows);
}

/* fourth */
Test(tcp_syn_sent, syn)
{
	static const struct row rows[] = {
	        {"SYN-ACK", SAY(.flags = SYN_ACK), TCP_ESTABLISHED, ACK, DROP_NONE, "o"},
	        {"SYN-ACK, no window", SAY(.flags = SYN_ACK, .wnd = -1), TCP_ESTABLISHED, ACK,
	                DROP_NONE, "o"},
	        {"SYN-ACK, PSH and URG", SAY(.flags = SYN_ACK | TCP_PSH | TCP_URG),
	                TCP_ESTABLISHED, ACK, DROP_NONE, "o"},
	        {"SYN-ACK with text", SAY(.flags = SYN_ACK, .len = 100), TCP_ESTABLISHED, ACK,
	                DROP_NONE, "od"},
	        {"SYN-ACK with FIN", SAY(.flags = SYN_ACK | TCP_FIN), TCP_CLOSE_WAIT, ACK,
	                DROP_NONE, "of"},
	        {"SYN-ACK with text and FIN", SAY(.flags = SYN_ACK | TCP_FIN, .len = 50),
	                TCP_CLOSE_WAIT, ACK, DROP_NONE, "odf"},
	        {"SYN", SAY(.flags = TCP_SYN), TCP_SYN_RECEIVED, SYN_BOTH, DROP_NONE, ""},
	        {"SYN with text", SAY(.flags = TCP_SYN, .len = 30), TCP_SYN_RECEIVED, SYN_BOTH,
	                DROP_NONE, ""},
	        {"SYN, PSH", SAY(.flags = TCP_SYN | TCP_PSH), TCP_SYN_RECEIVED, SYN_BOTH,
	                DROP_NONE, ""},
	};

	RUN(rows);
}

/* fifth: "if neither of the SYN or RST bits is set then drop the segment" */
Test(tcp_syn_sent, neither_syn_nor_rst)
{
	static const struct row rows[] = {
	        {"ACK of our SYN", SAY(.flags = TCP_ACK), TCP_SYN_SENT, NOTHING,
	                DROP_TCP_NO_SYN, ""},
	        {"ACK and text", SAY(.flags = TCP_ACK, .len = 77), TCP_SYN_SENT, NOTHING,
	                DROP_TCP_NO_SYN, ""},
	        {"ACK and FIN", SAY(.flags = TCP_ACK | TCP_FIN), TCP_SYN_SENT, NOTHING,
	                DROP_TCP_NO_SYN, ""},
	        {"FIN", SAY(.flags = TCP_FIN), TCP_SYN_SENT, NOTHING, DROP_TCP_NO_SYN, ""},
	        {"text", SAY(.flags = TCP_PSH, .len = 5), TCP_SYN_SENT, NOTHING,
	                DROP_TCP_NO_SYN, ""},
	        {"nothing", SAY(.flags = 0), TCP_SYN_SENT, NOTHING, DROP_TCP_NO_SYN, ""},
	};

	RUN(rows);
}

/* 3.10.1: <SEQ=ISS><CTL=SYN>, with all that we can do */
Test(tcp_syn_sent, our_syn)
{
	struct peer *p = peer_new((struct peer_how) {.rcv_wnd = 1000000});
	const struct sent *s;

	peer_call(p);
	cr_expect_eq(p->conn->state, TCP_SYN_SENT);
	s = expect_sent(p, .flags = TCP_SYN, .seq = -1);
	cr_expect_eq(s->wnd, 65535, "a SYN's window is not scaled (RFC 7323 2.2)");
	cr_expect_eq(
	        s->opts.present, SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS);
	cr_expect_eq(s->opts.mss, 1460);
	cr_expect_eq(s->opts.wscale, 4);
	cr_expect_eq(s->opts.tsecr, 0, "RFC 7323 3.2: zero without ACK");
	expect_silence(p);
	cr_expect_eq(p->t->count->conn_opening, 1);
	peer_end(p);
}

/* The counters of a refusal and of an open. */
Test(tcp_syn_sent, is_counted)
{
	struct peer *p = peer_called(TCP_SYN_SENT);
	struct peer *q = peer_beside(p);

	peer_call(q);
	peer_send(p, .flags = RST_ACK);
	peer_send(q, .flags = SYN_ACK);
	cr_expect_eq(p->t->count->conn_opening, 2);
	cr_expect_eq(p->t->count->conn_refused, 1);
	cr_expect_eq(p->t->count->conn_reset, 0);
	cr_expect_eq(p->t->count->conn_connected, 1);
	cr_expect_eq(p->t->count->conn_accepted, 0);
	cr_expect_eq(q->rig->proved, 0, "the peer of an active open is in the ARP cache");
	peer_end(p);
}

/* The resets of answers that are not for us have a rate, as all have. */
Test(tcp_syn_sent, resets_have_a_rate)
{
	struct peer *p = peer_called(TCP_SYN_SENT, .rst_per_s = 5);
	unsigned silent = 0;

	for (unsigned i = 0; i < 50; i++)
		silent += peer_send(p, .flags = SYN_ACK, .ack = 9) == DROP_TCP_RST_RATE;
	cr_expect_geq(silent, 40);
	cr_expect_eq(sent_waiting(p) + silent, 50);
	cr_expect_eq(peer_state(p), TCP_SYN_SENT);
	peer_end(p);
}

/* Seventh: "the window that our SYN offered". Text behind it comes again. */
Test(tcp_syn_sent, text_beyond_our_window)
{
	struct peer *p = peer_called(TCP_SYN_SENT, .rcv_wnd = 1024);

	cr_expect_eq(peer_send(p, .flags = SYN_ACK | TCP_FIN, .len = 1200), DROP_NONE);
	cr_expect_eq(p->got, 1024);
	expect_sent(p, .flags = TCP_ACK, .ack = 1024);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED, "the FIN lay behind the window");
	cr_expect_eq(p->t->count->drop[DROP_TCP_WINDOW_CUT], 1);
	peer_end(p);
}

/* Text that the application does not take is held, and comes again. */
Test(tcp_syn_sent, text_that_is_not_taken)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	p->take = 30;
	peer_send(p, .flags = SYN_ACK | TCP_FIN, .len = 100);
	expect_sent(p, .flags = TCP_ACK, .ack = 100);
	expect_log(p, "od");
	p->take = 1000;
	peer_wait(p, 5);
	expect_sent(p, .flags = TCP_ACK, .ack = 101);
	cr_expect_eq(p->got, 100);
	peer_end(p);
}

/* RFC 9293 3.8.1: a SYN-ACK again says that our ACK was lost: it is acknowledged */
Test(tcp_syn_sent, syn_ack_again)
{
	struct peer *p = peer_called(TCP_ESTABLISHED);

	cr_expect_eq(peer_send(p, .flags = SYN_ACK), DROP_TCP_SYN_CHALLENGED);
	expect_sent(p, .flags = TCP_ACK);
	expect_log(p, "o");
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* RFC 7323 2.2, 3.2; RFC 2018 2: options that both SYNs had are in use */
Test(tcp_connect_options, only_what_both_have)
{
	static const uint8_t all = SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS;

	for (unsigned i = 0; i < 16 * 16; i++) {
		uint8_t ours = (uint8_t)((i & 15) & all), theirs = (uint8_t)((i >> 4) & all);
		uint8_t both = ours & theirs;
		struct peer *p = peer_called(TCP_SYN_SENT, .offer = ours | SEG_OPT_MSS,
		        .rcv_wnd = 1000000, .mss = 1460);
		const struct sent *s;

		p->ts = both & SEG_OPT_TS;
		peer_send(p, .flags = SYN_ACK, .opts = theirs | SEG_OPT_MSS, .mss = 1460,
		        .wscale = 7, .wnd = 1000);
		s = expect_sent(p, .flags = TCP_ACK);
		cr_expect_eq(s->opts.present, both & SEG_OPT_TS, "%#x and %#x", ours, theirs);
		cr_expect_eq(s->wnd, both & SEG_OPT_WSCALE ? 1000000 >> 4 : 65535);
		cr_expect_eq(p->conn->snd_wnd, 1000, "a SYN-ACK's window is not scaled");
		cr_expect_eq(!!(p->conn->flags & CONN_SACK), !!(both & SEG_OPT_SACK_OK));
		peer_send(p, .flags = TCP_ACK, .wnd = 10);
		cr_expect_eq(p->conn->snd_wnd, both & SEG_OPT_WSCALE ? 1280 : 10);
		/* behind a hole: SACK, or not */
		sent_forget(p);
		peer_send(p, .flags = TCP_ACK, .seq = 10, .len = 10);
		s = expect_sent(p, .flags = TCP_ACK);
		cr_expect_eq(!!(s->opts.present & SEG_OPT_SACK), !!(both & SEG_OPT_SACK_OK));
		peer_end(p);
	}
}

/* The SYN has the options of our offer, and no others. */
Test(tcp_connect_options, offer)
{
	for (unsigned i = 0; i < 16; i++) {
		struct peer *p = peer_new(
		        (struct peer_how) {.offer = (uint8_t)(i | SEG_OPT_MSS)});

		peer_call(p);
		cr_expect_eq(sent_next(p)->opts.present, i | SEG_OPT_MSS);
		peer_end(p);
	}
}

/* RFC 9293 3.7.1 MUST-15: 536 without the option; ours is a limit, too */
Test(tcp_connect_options, mss)
{
	static const struct {
		uint16_t offered, sent;
		bool ts;
	} rows[] = {
	        {0, 536, false},
	        {1460, 1460, false},
	        {1460, 1448, true},
	        {9000, 1460, false},
	        {700, 700, false},
	        {700, 688, true},
	        {TCP_MSS_MIN, TCP_MSS_MIN, false},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer *p = peer_called(TCP_SYN_SENT, .ts = rows[i].ts);
		uint8_t opts = (uint8_t)((rows[i].offered != 0 ? SEG_OPT_MSS : 0) |
		                         (rows[i].ts ? SEG_OPT_TS : 0));

		/* .opts 0 would mean the options that the peer offers */
		peer_send(p, .flags = SYN_ACK, .opts = opts != 0 ? opts : SEG_OPT_SACK_OK,
		        .mss = rows[i].offered);
		sent_forget(p);
		app_send(p, 3000);
		expect_sent(p, .flags = TCP_ACK, .len = rows[i].sent);
		peer_end(p);
	}
}

/* RFC 7323 2.3 */
Test(tcp_connect_options, shift_above_14_is_taken_as_14)
{
	struct peer *p = peer_called(TCP_ESTABLISHED, .wscale = 200, .rcv_wnd = 1000000);

	peer_send(p, .flags = TCP_ACK, .wnd = 2);
	cr_expect_eq(p->conn->snd_wnd, 2u << 14);
	peer_end(p);
}

/* RFC 7323 5: TS.Recent is the SYN-ACK's TSval, from then on PAWS holds */
Test(tcp_connect_options, paws_afterwards)
{
	struct peer *p = peer_called(TCP_SYN_SENT, .ts = true);
	const struct sent *s;

	peer_send(p, .flags = SYN_ACK);
	s = expect_sent(p, .flags = TCP_ACK);
	cr_expect_eq(s->opts.tsecr, p->t->now.ms + 77);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 10, .ts = -1), DROP_TCP_PAWS);
	p->seq = 0;
	cr_expect_eq(
	        peer_send(p, .flags = TCP_ACK, .len = 10, .no_ts = true), DROP_TCP_TS_MISSING);
	p->seq = 0;
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 10), DROP_NONE);
	cr_expect_eq(p->got, 10);
	peer_end(p);
}
