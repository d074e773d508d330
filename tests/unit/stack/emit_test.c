/* SPDX-License-Identifier: BSD-3-Clause */
/* The buffer of a frame, the work that is left to the port, and a lack of buffers. */
#include <criterion/criterion.h>
#include <errno.h>

#include "stack/private.h"
#include "stack/rig.h"
#include "wire/checksum.h"

static const struct tcp_opts NONE = {.present = 0};

Test(stack_emit, an_answer_that_fits_is_made_in_place)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};

	rig_listen(r, 80, &rig_quiet, &log);
	r->allocs_left = 0;
	r->slack = 4; /* for the MSS option */
	rig_tcp(r, .flags = TCP_SYN, .seq = 1, .wnd = 8000);
	rig_turn(r);
	cr_assert_eq(r->nout, 1);
	cr_expect(r->out[0].in_place);
	cr_expect_eq(rig_drops(r, DROP_NO_MBUF), 0);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_emit, one_that_does_not_fit_gets_a_new_buffer)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};

	rig_listen(r, 80, &rig_quiet, &log);
	r->slack = 3;
	rig_tcp(r, .flags = TCP_SYN, .seq = 1, .wnd = 8000);
	rig_turn(r);
	cr_assert_eq(r->nout, 1);
	cr_expect_not(r->out[0].in_place);
	cr_expect_eq(r->out[0].seg.mss, 1460);
	cr_expect_eq(rig_free(r), 0);
}

/* The segment that carried the request is the first answer, the rest is new. */
Test(stack_emit, only_the_first_answer_has_the_buffer)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 3000};
	struct tcp_opts mss = {.present = SEG_OPT_MSS, .mss = 1460};

	rig_listen(r, 80, &rig_source, &log);
	r->slack = 1460;
	rig_handshake(r, 40000, mss, 8000);
	cr_assert_eq(r->nout, 4);
	cr_expect(r->out[1].in_place);
	cr_expect_eq(r->out[1].room, sizeof(struct eth_hdr) + 40 + 1460);
	cr_expect_not(r->out[2].in_place);
	cr_expect_not(r->out[3].in_place);
	for (unsigned i = 1, at = 0; i < 4; at += r->out[i++].seg.len)
		cr_expect_arr_eq(r->out[i].seg.text, rig_stream + at, r->out[i].seg.len);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_emit, without_buffers_it_is_counted_and_comes_later)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 500};

	rig_listen(r, 80, &rig_source, &log);
	r->slack = 4;
	r->allocs_left = 0;
	rig_handshake(r, 40000, NONE, 8000);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_NO_MBUF), 1);
	r->allocs_left = -1;
	rig_wait(r, 400);
	const struct rig_out *o = rig_next(r);

	while (o != NULL && o->seg.kind != SEG_TCP)
		o = rig_next(r);
	cr_assert_not_null(o, "the timer sends it again");
	cr_expect_eq(o->seg.len, 500);
	cr_expect_eq(rig_free(r), 0);
}

/* A buffer that is too small for the frame is given back. */
Test(stack_emit, buffers_too_small_are_no_buffers)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 500};

	rig_listen(r, 80, &rig_source, &log);
	r->room = 300;
	r->slack = 4;
	rig_handshake(r, 40000, NONE, 8000);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_drops(r, DROP_NO_MBUF), 1);
	cr_expect_eq(rig_free(r), 0);
}

/* Checksums that the port makes are left out. TCP has the pseudo-header's sum. */
Test(stack_emit, checksum_offload)
{
	for (unsigned i = 0; i < 4; i++) {
		struct rig *r = rig_new(NULL, 1000000);
		struct stack_port p = rig_ports[0];
		struct rig_log log = {0};
		const struct rig_out *o;
		const uint8_t *f;
		be16 pseudo;

		p.offload_ip = i & 1;
		p.offload_tcp = i & 2;
		cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
		rig_listen(r, 80, &rig_quiet, &log);
		rig_tcp(r, .flags = TCP_SYN, .seq = 1, .wnd = 8000);
		rig_turn(r);
		o = rig_next(r);
		cr_assert_not_null(o);
		cr_assert_eq(o->parsed, DROP_NONE);
		cr_expect_eq(
		        o->offload, (i & 1 ? FRAME_CSUM_IP : 0) | (i & 2 ? FRAME_CSUM_TCP : 0));
		f = o->seg.frame;
		if (i & 1)
			cr_expect_eq(*(const be16 *)(const void *)(f + 24), 0);
		if (i & 2) {
			pseudo = checksum_fold(checksum_pseudo(
			        f + 26, IPPROTO_TCP_, (uint16_t)(o->seg.frame_len - 34)));
			cr_expect_eq(*(const be16 *)(const void *)(f + 34 + 16), pseudo);
		}
		cr_expect_eq(rig_free(r), 0);
	}
}

/* The answer in the buffer of an ARP or echo request leaves nothing to the port. */
Test(stack_emit, answers_made_of_requests_ask_for_no_offload)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct stack_port p = rig_ports[0];
	uint8_t arp[42];

	p.offload_ip = p.offload_tcp = true;
	cr_assert_eq(stack_set_port(r->st, 0, &p, r->now), 0);
	build_arp_request(arp, rig_peer_mac, rig_ip(10, 0, 0, 1), p.ip, NULL);
	rig_push(r, 0, arp, sizeof(arp));
	rig_turn(r);
	cr_assert_eq(r->nout, 1);
	cr_expect_eq(r->out[0].offload, 0);
	cr_expect_eq(rig_free(r), 0);
}

/* A call has the frames of one port, in their order. The rig checks the first,
 * this the second. */
Test(stack_emit, several_ports_in_one_turn)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};

	rig_listen(r, 80, &rig_quiet, &log);
	for (unsigned i = 0; i < 60; i++)
		rig_tcp(r, .port = i / 20 % 2, .sport = (uint16_t)(5000 + i), .flags = TCP_SYN,
		        .seq = i, .wnd = 8000);
	rig_turn(r);
	cr_assert_eq(r->nout, 60);
	cr_expect_eq(r->transmits, 3);
	for (unsigned i = 0; i < 60; i++) {
		cr_expect_eq(r->out[i].port, i / 20 % 2);
		cr_expect_eq(r->out[i].seg.ack, i + 1);
	}
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_emit, more_frames_than_a_call_takes)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 536 * 10};

	rig_listen(r, 80, &rig_source, &log);
	for (unsigned i = 0; i < 10; i++)
		rig_tcp(r, .sport = (uint16_t)(5000 + i), .flags = TCP_SYN, .seq = 1000,
		        .wnd = 60000);
	rig_turn(r);
	for (unsigned i = 0; i < 10; i++)
		rig_tcp(r, .sport = (uint16_t)(5000 + i), .flags = TCP_ACK, .seq = 1001,
		        .ack = rig_next(r)->seg.seq + 1, .wnd = 60000);
	rig_turn(r);
	cr_expect_eq(r->nout, 10 + 100);
	cr_expect_eq(r->transmits, 3, "1, and 100 in two");
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_emit, what_the_port_does_not_take_is_counted)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};

	rig_listen(r, 80, &rig_quiet, &log);
	r->accepts = 3;
	for (unsigned i = 0; i < 10; i++)
		rig_tcp(r, .sport = (uint16_t)(5000 + i), .flags = TCP_SYN, .seq = 1000);
	rig_turn(r);
	cr_expect_eq(r->nout, 3);
	cr_expect_eq(rig_drops(r, DROP_TX_FULL), 7);
	cr_expect_eq(rig_free(r), 0);
}

/* A port that keeps frames for later gets no more text in this turn. When its backlog has left,
 * the waiting connections go on. */
Test(stack_emit, text_waits_for_a_port_with_a_backlog)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 5000};
	uint32_t ack;

	rig_listen(r, 80, &rig_source, &log);
	r->backlogged = 1;
	rig_tcp(r, .sport = 5000, .flags = TCP_SYN, .seq = 1000, .wnd = 60000);
	rig_turn(r);
	cr_assert_eq(r->nout, 1, "the SYN-ACK does not wait");
	ack = rig_next(r)->seg.seq + 1;
	rig_tcp(r, .sport = 5000, .flags = TCP_ACK, .seq = 1001, .ack = ack, .wnd = 60000);
	rig_turn(r);
	cr_expect_eq(log.opened, 1u);
	cr_expect(rig_next(r) == NULL, "text");
	r->backlogged = 2; /* another one's is none of its business */
	rig_turn(r);
	cr_expect(rig_next(r) != NULL);
	cr_expect_eq(rig_free(r), 0);
}

/* Timers that ran meanwhile are due in the turn in which the backlog leaves. Their segments
 * have only just left. */
Test(stack_emit, what_a_backlog_held_is_not_sent_again_at_once)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 1000};

	rig_listen(r, 80, &rig_source, &log);
	rig_handshake(r, 5000, NONE, 8000);
	rig_forget(r); /* the text, which stands in the backlog */
	r->backlogged = 1;
	rig_turn(r);
	rig_wait(r, 150);
	r->now = clock_from_us(r->now.us + 60000);
	r->backlogged = 0;
	rig_turn(r);
	rig_wait(r, 190);
	cr_expect(rig_next(r) == NULL, "sent again");
	cr_expect_eq(stack_counters(r->st)->rto_fired, 0u);
	rig_wait(r, 20);
	cr_expect(rig_next(r) != NULL);
	cr_expect_eq(rig_free(r), 0);
}

/* The frames that a port may leave out when it has too many to send. */
Test(stack_emit, answers_to_strangers_are_marked)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 100};
	uint8_t arp[42];

	rig_listen(r, 80, &rig_source, &log);
	rig_tcp(r, .sport = 5000, .flags = TCP_SYN, .seq = 1000, .wnd = 60000);
	rig_tcp(r, .sport = 5001, .dport = 81, .flags = TCP_SYN, .seq = 1000);
	build_arp_request(arp, rig_peer_mac, rig_ip(10, 0, 0, 1), rig_ports[0].ip, NULL);
	rig_push(r, 0, arp, sizeof(arp));
	rig_turn(r);
	cr_assert_eq(r->nout, 3);
	for (unsigned i = 0; i < 3; i++)
		cr_expect(r->out[i].stranger, "frame %u", i);
	rig_handshake(r, 5002, NONE, 8000);
	cr_assert_eq(r->out[r->nout - 1].seg.len, 100);
	cr_expect_not(r->out[r->nout - 1].stranger);
	cr_expect_eq(rig_free(r), 0);
}

static unsigned
expect_ip(const struct rig *r, uint8_t tos, uint8_t ttl)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < r->nout; i++) {
		const struct seg *s = &r->out[i].seg;

		if (s->kind != SEG_TCP)
			continue;
		cr_expect_eq(r->out[i].parsed, DROP_NONE);
		cr_expect_eq(s->frame[15], tos);
		cr_expect_eq(s->frame[22], ttl);
		seen++;
	}
	return seen;
}

/* RFC 9293 3.9.2: all that TCP sends has the stack's DSCP and TTL, in either mode of
 * answering SYNs, to strangers as well. */
Test(stack_emit, dscp_and_ttl_of_the_stack)
{
	static const enum syn_cookie modes[] = {SYN_COOKIE_OFF, SYN_COOKIE_ALWAYS};

	for (unsigned i = 0; i < 2; i++) {
		struct stack_conf conf = {.max_conns = 16,
		        .max_kept = 64,
		        .syn_cookie = modes[i],
		        .dscp = 46,
		        .ttl = 9};
		struct rig *r = rig_new(&conf, 1000000);
		struct rig_log log = {.send = 100};

		rig_listen(r, 80, &rig_source, &log);
		r->slack = 64;
		rig_tcp(r, .sport = 5000, .flags = TCP_SYN, .seq = 1000);
		rig_tcp(r, .sport = 5000, .dport = 81, .flags = TCP_SYN, .seq = 1000);
		rig_turn(r);
		cr_expect_eq(expect_ip(r, 46 << 2, 9), 2);
		rig_handshake(r, 5001, NONE, 8000);
		cr_expect_geq(expect_ip(r, 46 << 2, 9), 1);
		cr_expect_eq(rig_free(r), 0);
	}
}

Test(stack_emit, dscp_that_cannot_be)
{
	struct stack_conf bad = {.max_conns = 16, .dscp = 64};
	struct stack_io io = {0};
	struct stack *st;

	cr_expect_eq(stack_create(&st, &bad, &io, -1, clock_from_us(1)), -EINVAL);
}

/* RFC 9293 3.9.1.6; all of them in one go, and nothing is left behind. */
Test(stack_emit, abort_all_resets_all_connections)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {.send = 100};

	rig_listen(r, 80, &rig_source, &log);
	for (unsigned i = 0; i < 100; i++)
		rig_handshake(r, (uint16_t)(5000 + i), NONE, 8000);
	rig_forget(r);
	stack_abort_all(r->st, r->now);
	cr_expect_eq(log.closed, 100);
	cr_expect_eq(log.why, HF_STOPPED);
	for (unsigned i = 0, resets = 0; i < r->nout; i++) {
		resets += r->out[i].seg.kind == SEG_TCP;
		if (r->out[i].seg.kind == SEG_TCP)
			cr_expect_eq(r->out[i].seg.flags, TCP_RST | TCP_ACK);
		if (i == r->nout - 1)
			cr_expect_eq(resets, 100);
	}
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
}

/* hf_buf_alloc() lends a buffer that the engine lends. */
Test(stack_emit, a_service_writes_into_a_buffer_of_the_engine)
{
	struct rig *r = rig_new(NULL, 1000000);
	struct rig_log log = {0};
	struct hf_buf *b;
	uint8_t *bytes;
	uint32_t room, ack;

	rig_listen(r, 80, &rig_quiet, &log);
	ack = rig_handshake(r, 40000, NONE, 8000);
	b = hf_buf_alloc(log.core, &bytes, &room);
	cr_assert_not_null(b);
	cr_expect_eq(room, r->room);
	cr_expect_eq(stack_usage(r->st).kept, 1);
	memset(bytes, 'z', room);
	cr_assert_eq(hf_send_buf(log.core, log.conn, b, bytes, 20), 0);
	rig_forget(r);
	rig_turn(r);
	const struct rig_out *o = rig_next(r);

	while (o != NULL && o->seg.kind != SEG_TCP)
		o = rig_next(r);
	cr_assert_not_null(o);
	cr_expect_arr_eq(o->seg.text, "zzzzzzzzzzzzzzzzzzzz", 20);
	rig_tcp(r, .flags = TCP_ACK, .seq = 1001, .ack = ack + 20, .wnd = 8000);
	rig_turn(r);
	cr_expect_eq(stack_usage(r->st).kept, 0, "released when acknowledged");
	cr_expect_eq(stack_usage(r->st).send_queued, 0);
	cr_expect_eq(rig_free(r), 0);
}
