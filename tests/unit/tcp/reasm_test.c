/* SPDX-License-Identifier: BSD-3-Clause */
/* The queue of text out of order: holes, overlaps, bounds, SACK blocks. */
#include "peer.h"

/* RFC 9293 3.10.7.4 seventh, MUST-31: kept, and delivered once the hole is filled */
Test(tcp_reasm, hole_filled)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 100);
	expect_sent(p, .flags = TCP_ACK, .ack = 0); /* RFC 5681 4.2: at once */
	expect_log(p, "o");
	turn_hold(p);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	expect_sent(p, .flags = TCP_ACK,
	        .ack = 200); /* the second segment is acknowledged at once, too */
	cr_expect_eq(p->got, 200);
	peer_end(p);
}

/* With any order, overlaps and duplicates, the stream comes out whole, and a bitmap gives the
 * ACKs. Later segments contradict octets that were accepted, without effect (the recorder
 * compares each octet). */
static void
shuffle(unsigned seed, bool ts, uint32_t limit)
{
	enum { N = 2000 };
	struct peer *p = peer_in(TCP_ESTABLISHED, .ts = ts, .sack = true);
	static bool have[N + 200];
	uint32_t front = 0;

	srand(seed);
	memset(have, 0, sizeof(have));
	p->take = limit;
	for (unsigned i = 0; i < 4000 && front < N; i++) {
		uint32_t at = (uint32_t)rand() % N, len = 1 + (uint32_t)rand() % 120;
		const struct sent *s;

		if (i % 3 == 0) /* around the front, that it may move */
			at = front - (front < 30 ? front : (uint32_t)rand() % 30);
		p->seq = 0;
		peer_send(p, .flags = TCP_ACK, .seq = at == 0 ? 0 : (int)at, .len = len,
		        .lie = limit == UINT32_MAX ? have : NULL);
		for (uint32_t k = at; k < at + len && k < N + 200; k++)
			have[k] = true;
		while (have[front])
			front++;
		while ((s = sent_next(p)) != NULL) {
			if (limit == UINT32_MAX && sent_waiting(p) == 0)
				cr_assert_eq(s->ack, front, "ack %u, model %u", s->ack, front);
			for (unsigned k = 0;
			        k < s->opts.nsack && (s->opts.present & SEG_OPT_SACK); k++) {
				uint32_t l = s->opts.sack[k].left - p->iss - 1;
				uint32_t r = s->opts.sack[k].right - p->iss - 1;

				cr_assert(l > s->ack && r > l, "block %u-%u, ACK %u", l, r,
				        s->ack);
				for (uint32_t o = l; o < r; o++)
					cr_assert(have[o]);
				cr_assert(limit != UINT32_MAX || !have[r] || r > N);
			}
		}
		if (limit == UINT32_MAX)
			cr_assert_eq(p->got, front);
	}
	cr_expect_geq(p->got, limit == UINT32_MAX ? N : 0);
	peer_end(p);
}

Test(tcp_reasm, any_order_any_overlap)
{
	for (unsigned seed = 1; seed <= 12; seed++)
		shuffle(seed, seed & 1, UINT32_MAX);
}

/* The application takes little at a time: nothing is delivered twice or skipped
 * (the recorder compares each octet). */
Test(tcp_reasm, any_order_for_a_slow_application)
{
	for (unsigned seed = 21; seed <= 26; seed++)
		shuffle(seed, seed & 1, 7 + seed);
}

Test(tcp_reasm, bounds)
{
	struct peer *p = peer_in(
	        TCP_ESTABLISHED, .max_kept = 20); /* a quarter is for services */
	enum drop why = DROP_NONE;
	unsigned n;

	for (n = 0; n < 30 && why == DROP_NONE; n++)
		why = peer_send(p, .flags = TCP_ACK, .seq = (int)(10 + 20 * n), .len = 10);
	cr_expect_eq(why, DROP_TCP_REASM_FULL);
	cr_expect_eq(n, 16);
	cr_expect_eq(p->t->kept, 15);
	cr_expect_eq(bufs_out(p), 15);
	peer_send(p, .flags = TCP_ACK, .len = 10);
	cr_expect_eq(p->got, 20, "in order there is always room");
	peer_end(p);
}

/* A connection keeps a bounded number of pieces, wherever they lie. */
Test(tcp_reasm, bound_of_one_connection)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .sack = true);

	for (unsigned n = 0; n < TCP_REASM_MIN; n++)
		cr_expect_eq(
		        peer_send(p, .flags = TCP_ACK, .seq = (int)(1 + 200 * n), .len = 200),
		        DROP_NONE);
	sent_forget(p);
	cr_expect_eq(
	        peer_send(p, .flags = TCP_ACK, .seq = 60000, .len = 200), DROP_TCP_REASM_FULL);
	cr_expect_eq(expect_sent(p, .flags = TCP_ACK, .ack = 0)->opts.nsack, 1);
	peer_send(p, .flags = TCP_ACK, .len = 1);
	cr_expect_eq(p->got, 1 + 200 * TCP_REASM_MIN);
	peer_end(p);
}

/* CVE-2018-5390: tiny pieces out of order buy neither a list nor buffers. */
Test(tcp_reasm, few_tiny_pieces_are_kept)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	unsigned kept = 0;

	for (unsigned n = 0; n < 4000; n++) {
		enum drop why = peer_send(
		        p, .flags = TCP_ACK, .seq = (int)(1 + 2 * n), .len = 1);

		kept += why == DROP_NONE;
		cr_expect(why == DROP_NONE || why == DROP_TCP_REASM_TINY, "%s", drop_name(why));
		expect_sent(p, .flags = TCP_ACK, .ack = 0); /* RFC 5681 4.2, as ever */
	}
	cr_expect_eq(kept, TCP_TINY_MAX);
	cr_expect_eq(bufs_out(p), TCP_TINY_MAX);
	cr_expect_eq(p->t->count->drop[DROP_TCP_REASM_TINY], 4000 - TCP_TINY_MAX);
	/* whole segments are welcome for all that */
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 64, .len = 1000), DROP_NONE);
	p->seq = 0;
	peer_send(p, .flags = TCP_ACK, .len = 64);
	cr_expect_eq(p->got, 1064);
	/* delivered pieces count no longer */
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 2000, .len = 1), DROP_NONE);
	peer_end(p);
}

/* Pieces that become tiny by an overlap buy none either. */
Test(tcp_reasm, few_pieces_cut_to_tiny_are_kept)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	enum drop why = DROP_NONE;

	for (unsigned n = 0; n < 100; n++)
		why = peer_send(p, .flags = TCP_ACK, .seq = (int)(1 + n), .len = 200);
	cr_expect_eq(why, DROP_TCP_REASM_TINY);
	cr_expect_leq(p->t->kept, TCP_TINY_MAX + 1);
	peer_end(p);
}

/* The number of holes is bounded. A segment that touches a known one still counts. */
Test(tcp_reasm, few_holes_are_remembered)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	const int last = 400 * TCP_RUNS_MAX;

	for (int n = 0; n < TCP_RUNS_MAX; n++)
		cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 200 + 400 * n, .len = 200),
		        DROP_NONE);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = last + 200, .len = 200),
	        DROP_TCP_REASM_RUNS);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = last, .len = 200), DROP_NONE);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = 400, .len = 200), DROP_NONE);
	cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = last + 400, .len = 200), DROP_NONE,
	        "two runs have become one");
	peer_send(p, .flags = TCP_ACK, .len = 200);
	cr_expect_eq(p->got, 800);
	peer_end(p);
}

/* An honest sender with a whole window under way suffers nothing by those bounds:
 * one segment of it is lost, or each tenth. */
Test(tcp_reasm, losses_in_a_large_window_cost_nothing_else)
{
	for (unsigned every = 10; every <= 256; every += 246) {
		struct peer *p = peer_in(
		        TCP_ESTABLISHED, .wscale = 1 + 7, .rcv_wnd = 1 << 20, .sack = true);

		for (unsigned n = 0; n < 256; n++) {
			if (n % every != 0)
				cr_expect_eq(peer_send(p, .flags = TCP_ACK,
				                     .seq = (int)(1400 * n), .len = 1400),
				        DROP_NONE, "segment %u", n);
			sent_forget(p);
		}
		for (unsigned n = 0; n < 256; n += every) {
			p->seq = 1400 * n;
			cr_expect_eq(peer_send(p, .flags = TCP_ACK, .len = 1400), DROP_NONE);
		}
		cr_expect_eq(p->got, 256 * 1400);
		cr_expect_eq(p->t->pieces.used, 0);
		peer_end(p);
	}
}

/* A later segment covers kept octets, and more on both sides; or it comes in order. An octet
 * that was received is never replaced (RFC 9293 3.10.7.4: text that was received already is not
 * new). */
Test(tcp_reasm, first_accepted_octets_stay)
{
	for (int from = 0; from <= 50; from += 50) {
		struct peer *p = peer_in(TCP_ESTABLISHED);
		static bool had[500];

		memset(had + 100, true, 100);
		memset(had + 250, true, 50);
		peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 100);
		peer_send(p, .flags = TCP_ACK, .seq = 250, .len = 50);
		peer_send(p, .flags = TCP_ACK, .seq = from, .len = 400, .lie = had);
		if (from != 0)
			peer_send(p, .flags = TCP_ACK, .len = 50);
		cr_expect_eq(p->got, (uint64_t)from + 400); /* the recorder has compared them */
		peer_end(p);
	}
}

/* The same holds in a packet that has another reader: octets behind the kept ones come again.
 */
Test(tcp_reasm, first_accepted_octets_stay_where_nothing_may_be_written)
{
	for (int from = 0; from <= 50; from += 50) {
		struct peer *p = peer_in(TCP_ESTABLISHED);
		static bool had[500];

		memset(had + 100, true, 100);
		peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 100);
		peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = from, .len = 400, .lie = had,
		        .shared = true);
		p->seq = 0;
		peer_send(p, .flags = TCP_ACK, .len = 50);
		cr_expect_eq(p->got, 200);
		p->seq = 200;
		peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 200);
		cr_expect_eq(p->got, 400);
		cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
		peer_end(p);
	}
}

/* A FIN does not take text away that was there before it. */
Test(tcp_reasm, fin_over_kept_text_is_none)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 1);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = 50, .len = 50);
	peer_send(p, .flags = TCP_ACK, .len = 50);
	cr_expect_eq(p->got, 101);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

static void
expect_blocks(struct peer *p, int line, unsigned n, const uint32_t (*b)[2])
{
	const struct sent *s = sent_next(p);

	cr_assert_not_null(s);
	cr_assert(s->opts.present & SEG_OPT_SACK, "line %d: no SACK", line);
	cr_expect_eq(s->opts.nsack, n, "line %d: %u blocks", line, s->opts.nsack);
	for (unsigned i = 0; i < n && i < s->opts.nsack; i++) {
		cr_expect_eq(s->opts.sack[i].left - p->iss - 1, b[i][0], "line %d, block %u",
		        line, i);
		cr_expect_eq(s->opts.sack[i].right - p->iss - 1, b[i][1], "line %d, block %u",
		        line, i);
	}
	cr_expect_leq(options_size(&s->opts), 40);
}

#define BLOCKS(p, n, ...) expect_blocks(p, __LINE__, n, (const uint32_t[][2]) {__VA_ARGS__})

/* RFC 2018 4: the first block is of the segment that is answered, then the most
 * recent ones; four, or three beside timestamps */
Test(tcp_reasm, sack_blocks_most_recent_first)
{
	for (int ts = 0; ts <= 1; ts++) {
		struct peer *p = peer_in(TCP_ESTABLISHED, .sack = true, .ts = ts);

		peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 50);
		BLOCKS(p, 1, {100, 150});
		peer_send(p, .flags = TCP_ACK, .seq = 300, .len = 50);
		BLOCKS(p, 2, {300, 350}, {100, 150});
		peer_send(p, .flags = TCP_ACK, .seq = 150, .len = 20);
		BLOCKS(p, 2, {100, 170}, {300, 350});
		peer_send(p, .flags = TCP_ACK, .seq = 500, .len = 1);
		BLOCKS(p, 3, {500, 501}, {100, 170}, {300, 350});
		peer_send(p, .flags = TCP_ACK, .seq = 700, .len = 1);
		if (ts)
			BLOCKS(p, 3, {700, 701}, {500, 501}, {100, 170});
		else
			BLOCKS(p, 4, {700, 701}, {500, 501}, {100, 170}, {300, 350});
		/* a duplicate: its block first, again */
		peer_send(p, .flags = TCP_ACK, .seq = 310, .len = 10);
		if (ts)
			BLOCKS(p, 3, {300, 350}, {700, 701}, {500, 501});
		else
			BLOCKS(p, 4, {300, 350}, {700, 701}, {500, 501}, {100, 170});
		peer_end(p);
	}
}

/* RFC 2018 2: never unless SACK-permitted was on the SYN */
Test(tcp_reasm, no_sack_unless_permitted)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 50);
	cr_expect_not(sent_next(p)->opts.present & SEG_OPT_SACK);
	peer_end(p);
}

/* RFC 6691: SACK blocks on a full segment of data shorten it (the fixture
 * compares each packet with the MTU) */
Test(tcp_reasm, sack_blocks_are_paid_by_data)
{
	for (int ts = 0; ts <= 1; ts++) {
		struct peer *p = peer_in(TCP_ESTABLISHED, .sack = true, .ts = ts);

		for (int i = 1; i < 6; i++)
			peer_send(p, .flags = TCP_ACK, .seq = 100 * i, .len = 50);
		sent_forget(p);
		app_send(p, 6000);
		cr_expect_geq(sent_waiting(p), 4);
		cr_expect_gt(sent_next(p)->len, 1400);
		p->ack = 0;
		peer_wait(p, 200);
		peer_end(p);
	}
}

/* RFC 9293 3.10.7.4 seventh: old text is acknowledged, and no more */
Test(tcp_reasm, duplicates_are_acknowledged)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .len = 100);
	sent_forget(p);
	for (unsigned i = 0; i < 50; i++) {
		cr_expect_eq(
		        peer_send(p, .flags = TCP_ACK, .seq = -100, .len = 100), DROP_TCP_OLD);
		expect_sent(p, .flags = TCP_ACK, .ack = 100);
	}
	peer_send(p, .flags = TCP_ACK, .seq = -60, .len = 80);
	expect_sent(p, .flags = TCP_ACK, .ack = 120);
	cr_expect_eq(p->got, 120);
	peer_end(p);
}

/* RFC 9293 3.10.7.4 eighth: a FIN behind a hole waits for it */
Test(tcp_reasm, fin_behind_a_hole)
{
	for (uint32_t len = 0; len <= 50; len += 50) {
		struct peer *p = peer_in(TCP_ESTABLISHED);

		peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = 100, .len = len);
		expect_sent(p, .flags = TCP_ACK, .ack = 0);
		cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
		peer_send(p, .flags = TCP_ACK, .len = 100);
		expect_sent(p, .flags = TCP_ACK, .ack = 101 + len);
		cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
		expect_log(p, len != 0 ? "oddf" : "odf");
		peer_end(p);
	}
}

/* All of it comes again in one segment, with its FIN: nothing stays behind. */
Test(tcp_reasm, fin_in_order_forgets_what_was_kept)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .sack = true);

	peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 50);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = 150, .len = 50);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 200);
	cr_expect_not(
	        expect_sent(p, .flags = TCP_ACK, .ack = 201)->opts.present & SEG_OPT_SACK);
	cr_expect_eq(p->t->pieces.used, 0);
	cr_expect_eq(bufs_out(p), 0);
	cr_expect_eq(p->got, 200);
	expect_log(p, "odf");
	peer_end(p);
}

/* A FIN that text contradicts is none. */
Test(tcp_reasm, fin_in_the_midst_of_text_is_none)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = 50);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	cr_expect_eq(p->got, 100);
	cr_expect_eq(p->t->pieces.used, 0);
	peer_end(p);
}

/* Text that the application does not take is acknowledged, and comes again out of the queue. */
Test(tcp_reasm, refused_octets_come_again)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .sack = true);

	p->take = 30;
	cr_expect_eq(peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 100), DROP_NONE);
	expect_sent(p, .flags = TCP_ACK, .ack = 100);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	p->take = UINT32_MAX;
	peer_wait(p, 5);
	expect_sent(p, .flags = TCP_ACK, .ack = 101);
	cr_expect_eq(p->got, 100);
	peer_end(p);
}

/* text refused out of the queue: no SACK block may cover it */
Test(tcp_reasm, refused_from_the_queue)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .sack = true);
	const struct sent *s;

	peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 100);
	sent_forget(p);
	p->take = 60;
	peer_send(p, .flags = TCP_ACK, .len = 60);
	p->seq = 60;
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK, .len = 40);
	s = expect_sent(p, .flags = TCP_ACK, .ack = 200);
	cr_expect_not(s->opts.present & SEG_OPT_SACK);
	cr_expect_eq(p->got, 160);
	p->take = UINT32_MAX;
	peer_wait(p, 5);
	cr_expect_eq(p->got, 200);
	peer_end(p);
}

/* hf_keep(): the buffer is the application's, in order and out of the queue */
Test(tcp_reasm, kept_buffers)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	p->keep = true;
	peer_send(p, .flags = TCP_ACK, .len = 100);
	cr_expect_eq(p->nkept, 1);
	cr_expect_eq(p->t->kept, 1);
	peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 100);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	cr_expect_eq(p->nkept, 3);
	cr_expect_eq(p->t->kept, 3);
	cr_expect_eq(bufs_out(p), 3);
	p->take = 10; /* kept, and not all taken */
	peer_send(p, .flags = TCP_ACK, .seq = 200, .len = 50);
	p->seq = 300;
	peer_send(p, .flags = TCP_ACK, .len = 100);
	cr_expect_eq(p->got, 310);
	peer_end(p);
}

Test(tcp_reasm, keep_is_bounded)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .max_kept = 2);

	p->keep = true;
	for (unsigned i = 0; i < 5; i++)
		peer_send(p, .flags = TCP_ACK, .len = 10);
	cr_expect_eq(p->nkept, 2);
	cr_expect_eq(p->got, 50);
	peer_end(p);
}

/* The default window at an MSS of 536 is 489 segments: one is lost, none else, in any
 * order, whether the buffers have room behind the text or not. */
Test(tcp_reasm, a_window_of_small_segments_is_kept)
{
	enum { N = 489, LEN = 536 };

	for (unsigned how = 0; how < 6; how++) {
		uint16_t room = how & 1 ? 1400 : 0;
		struct peer *p = peer_in(
		        TCP_ESTABLISHED, .wscale = 1 + 7, .rcv_wnd = 1 << 18, .sack = true);

		app_send(p, 1); /* with it, all of the window is offered */
		for (unsigned i = 1; i < N; i++) {
			unsigned n = how < 2 ? i : how < 4 ? N - i : 1 + i * 31 % (N - 1);

			if (how >= 4) /* in 8 runs, that grow together */
				n = 1 + (i - 1) % 8 * 61 + (i - 1) / 8;
			p->seq = 0;
			cr_expect_eq(peer_send(p, .flags = TCP_ACK, .seq = (int)(LEN * n),
			                     .len = LEN, .room = room),
			        DROP_NONE, "%u, segment %u", how, n);
			sent_forget(p);
		}
		if (room != 0)
			cr_expect_leq(
			        bufs_out(p), N / 2 + 32, "%u: %d buffers", how, bufs_out(p));
		p->seq = 0;
		peer_send(p, .flags = TCP_ACK, .len = LEN);
		cr_expect_eq(p->got, N * LEN, "%u: %u", how, (unsigned)p->got);
		cr_expect_eq(bufs_out(p), 0);
		peer_end(p);
	}
}

/* Pieces are copied behind those that they touch, in either order. A piece that is not ours
 * alone is not written into. */
Test(tcp_reasm, neighbours_share_a_buffer)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .sack = true);

	peer_send(p, .flags = TCP_ACK, .seq = 100, .len = 100, .room = 200);
	peer_send(p, .flags = TCP_ACK, .seq = 200, .len = 150);
	cr_expect_eq(bufs_out(p), 1);
	peer_send(p, .flags = TCP_ACK, .seq = 350, .len = 51); /* room for 50 */
	cr_expect_eq(bufs_out(p), 2);
	peer_send(p, .flags = TCP_ACK, .seq = 50, .len = 50, .room = 300);
	cr_expect_eq(bufs_out(p), 2, "the one behind it has gone into it");
	peer_send(p, .flags = TCP_ACK, .seq = 401, .len = 10, .shared = true);
	peer_send(p, .flags = TCP_ACK, .seq = 411, .len = 10, .room = 300);
	cr_expect_eq(bufs_out(p), 4);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .seq = 421, .len = 10);
	cr_expect_eq(bufs_out(p), 4);
	cr_expect_eq(sent_next(p)->opts.nsack, 1);
	peer_send(p, .flags = TCP_ACK, .len = 50);
	cr_expect_eq(p->got, 431);
	cr_expect_eq(peer_state(p), TCP_CLOSE_WAIT);
	peer_end(p);
}

/* The peer left a hole and vanished: after 20 s the buffers are for others. One that
 * goes on keeps its pieces. */
Test(tcp_reasm, pieces_of_a_vanished_peer_go)
{
	struct peer *gone = peer_in(TCP_ESTABLISHED);
	struct peer *slow = peer_beside(gone);

	peer_connect(slow);
	for (int i = 1; i <= 5; i++) {
		peer_send(gone, .flags = TCP_ACK, .seq = 1000 * i, .len = 500);
		slow->seq = 0;
		peer_send(slow, .flags = TCP_ACK, .seq = 1000 * i, .len = 500);
	}
	peer_wait(gone, 10000);
	cr_expect_eq(bufs_out(gone), 10);
	slow->seq = 0;
	peer_send(slow, .flags = TCP_ACK, .len = 100);
	peer_wait(gone, 10200);
	cr_expect_eq(bufs_out(gone), 5);
	cr_expect_eq(gone->t->count->reasm_forgotten, 5);
	peer_wait(gone, 10000);
	cr_expect_eq(bufs_out(gone), 0);
	/* repeated text is accepted */
	cr_expect_eq(peer_send(gone, .flags = TCP_ACK, .seq = 1000, .len = 500), DROP_NONE);
	peer_end(gone);
}
