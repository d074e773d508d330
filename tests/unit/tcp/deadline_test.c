/* SPDX-License-Identifier: BSD-3-Clause */
/* Every wait for a peer ends: by the application's deadline, or, once it has left, by
 * the stack's. */
#include "rig.h"

#include "tcp/pend.h"

/* The event, as one of the recorder's. */
static unsigned passed;
static uint32_t again_ms;
static bool leaves;

static void
on_deadline(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)self;
	passed++;
	hf_deadline(h, c, again_ms);
	if (leaves)
		hf_close(h, c);
}

static struct hf_service
with_event(void)
{
	struct hf_service s = rig_recorder;

	s.deadline = on_deadline;
	return s;
}

static void
set_deadline(struct peer *p, uint32_t ms)
{
	hf_deadline(core_of(p), hf_of(p), ms);
}

static void
expect_end(struct peer *p, enum hf_reason why)
{
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	cr_expect_eq(p->closed, 1);
	cr_expect_eq(p->why, why);
}

Test(tcp_deadline, passes_and_resets)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	set_deadline(p, 5000);
	peer_wait(p, 4999);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	expect_silence(p);
	peer_wait(p, 1);
	expect_sent(p, .flags = TCP_RST | TCP_ACK);
	expect_end(p, HF_TIMEOUT);
	cr_expect_eq(p->t->count->deadlines_passed, 1);
	peer_end(p);
}

/* The application waits for its peer in any state, with any segments in flight. */
Test(tcp_deadline, ends_each_state)
{
	static const enum tcp_state states[] = {TCP_ESTABLISHED, TCP_FIN_WAIT_1, TCP_FIN_WAIT_2,
	        TCP_CLOSE_WAIT, TCP_CLOSING, TCP_LAST_ACK};

	for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct peer *p = peer_in(states[i]);

		if (p->conn->flags & CONN_APP_GONE) { /* that is not the application's */
			peer_end(p);
			continue;
		}
		set_deadline(p, 150); /* before any other timer */
		peer_wait(p, 149);
		cr_expect_eq(p->closed, 0, "state %d", states[i]);
		peer_wait(p, 1);
		expect_end(p, HF_TIMEOUT);
		peer_end(p);
	}
}

/* A peer may answer all probes of a shut window, for ever (RFC 9293 3.8.6.1): whether it
 * may is for the application to say. */
Test(tcp_deadline, ends_a_shut_window)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 1000);
	p->deaf = true;
	set_deadline(p, 600000);
	for (unsigned s = 0; s < 599; s++) {
		peer_wait(p, 1000);
		peer_send(p, .flags = TCP_ACK, .wnd = -1);
		sent_forget(p);
	}
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_wait(p, 1000);
	expect_end(p, HF_TIMEOUT);
	peer_end(p);
}

Test(tcp_deadline, none_after_all)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	set_deadline(p, 5000);
	set_deadline(p, 0);
	peer_wait(p, 100000);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* To put the deadline off writes one field. To bring it forward moves the node. */
Test(tcp_deadline, put_off_without_the_wheel)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	uint32_t stood;

	set_deadline(p, 5000);
	stood = p->conn->timer.when;
	for (unsigned i = 0; i < 10; i++) {
		set_deadline(p, 5000 + i * 1000);
		cr_expect_eq(p->conn->timer.when, stood);
	}
	peer_wait(p, 13999);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	set_deadline(p, 20000);
	peer_wait(p, 500); /* the node fires early, and stands anew */
	set_deadline(p, 1000);
	peer_wait(p, 999);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_wait(p, 1);
	expect_end(p, HF_TIMEOUT);
	peer_end(p);
}

/* The first text finds the node where it must stand, as without a deadline. */
Test(tcp_deadline, does_not_delay_a_retransmission)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	set_deadline(p, 60000);
	p->deaf = true;
	app_send(p, 100);
	sent_forget(p);
	peer_wait(p, 199);
	expect_silence(p);
	peer_wait(p, 2);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .len = 100);
	peer_end(p);
}

Test(tcp_deadline, application_hears_of_it_and_goes_on)
{
	struct hf_service service = with_event();
	struct peer *p = peer_in(TCP_ESTABLISHED, .service = &service);

	again_ms = 300;
	set_deadline(p, 1000);
	peer_wait(p, 1000);
	cr_expect_eq(passed, 1);
	peer_wait(p, 299);
	cr_expect_eq(passed, 1);
	peer_wait(p, 1);
	cr_expect_eq(passed, 2);
	again_ms = 0;
	peer_wait(p, 300);
	cr_expect_eq(passed, 3);
	peer_wait(p, 100000);
	cr_expect_eq(passed, 3);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* The application sends in its event, and the segment leaves at once. */
Test(tcp_deadline, application_hears_of_it_and_closes)
{
	struct hf_service service = with_event();
	struct peer *p = peer_in(TCP_ESTABLISHED, .service = &service);

	leaves = true;
	set_deadline(p, 1000);
	peer_wait(p, 1000);
	expect_sent(p, .flags = TCP_FIN | TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_FIN_WAIT_1);
	cr_expect_eq(p->closed, 0);
	peer_end(p);
}

/* There is no peer that could be reset. */
Test(tcp_deadline, ends_what_is_being_opened)
{
	struct peer *p = peer_called(TCP_SYN_SENT);

	set_deadline(p, 500);
	peer_wait(p, 499);
	cr_expect_eq(p->closed, 0);
	peer_wait(p, 1);
	expect_end(p, HF_TIMEOUT);
	expect_silence(p);
	cr_expect_eq(p->t->count->connect_timeout, 1);
	cr_expect_eq(p->t->count->conn_aborted, 0);
	peer_end(p);
}

/* The deadline of a connection that is opened holds on when it is open. */
Test(tcp_deadline, goes_on_beyond_the_handshake)
{
	struct peer *p = peer_new((struct peer_how) {.wscale = 0});

	peer_call(p);
	set_deadline(p, 500);
	peer_send(p, .flags = TCP_SYN | TCP_ACK);
	cr_assert_eq(peer_state(p), TCP_ESTABLISHED);
	peer_wait(p, 499);
	cr_expect_eq(p->closed, 0);
	peer_wait(p, 1);
	expect_end(p, HF_TIMEOUT);
	peer_end(p);
}

/* Both have opened, and the peer says no more. */
Test(tcp_deadline, simultaneous_open_ends)
{
	struct peer *p = peer_called(TCP_SYN_RECEIVED);

	set_deadline(p, 500);
	peer_wait(p, 500);
	expect_end(p, HF_TIMEOUT);
	peer_end(p);
}

Test(tcp_deadline, later_by_progress_but_never_beyond_most)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	set_deadline(p, 1000);
	hf_deadline_later(core_of(p), hf_of(p), 500, 10000);
	peer_wait(p, 1499);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	hf_deadline_later(core_of(p), hf_of(p), 50000, 2000);
	peer_wait(p, 1999);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	hf_deadline_later(core_of(p), hf_of(p), 0, 0);
	peer_wait(p, 1);
	expect_end(p, HF_TIMEOUT);
	peer_end(p);
}

/* A call does not add a part of a millisecond: a sender of many small segments would otherwise
 * have a deadline that never comes. */
Test(tcp_deadline, later_by_nothing_is_as_it_was)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_jump(p, 300);
	set_deadline(p, 1000);
	for (unsigned i = 0; i < 999; i++) {
		peer_wait(p, 1);
		for (unsigned k = 0; k < 10; k++)
			hf_deadline_later(core_of(p), hf_of(p), 0, 10000);
	}
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_wait(p, 3);
	expect_end(p, HF_TIMEOUT);
	peer_end(p);
}

/* closed() is the last event, and hf_abort() leaves room for no other. */
Test(tcp_deadline, is_not_told_to_a_connection_that_was_reset)
{
	struct hf_service s = with_event();
	struct peer *p = peer_in(TCP_ESTABLISHED, .service = &s);

	set_deadline(p, 150);
	hf_abort(core_of(p), hf_of(p));
	peer_jump(p, 150000); /* timers come before connections speak */
	cr_expect_eq(passed, 0);
	cr_expect_eq(p->t->count->deadlines_passed, 0);
	expect_end(p, HF_ABORTED);
	peer_end(p);
}

Test(tcp_deadline, later_than_none_is_none)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	hf_deadline_later(core_of(p), hf_of(p), 500, 1000);
	peer_wait(p, 10000);
	cr_expect_eq(peer_state(p), TCP_ESTABLISHED);
	peer_end(p);
}

/* Once the application has left, its deadline is over. */
Test(tcp_deadline, is_over_when_the_application_leaves)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	set_deadline(p, 1000);
	p->deaf = true;
	app_send(p, 100);
	app_close(p);
	set_deadline(p, 500);
	peer_wait(p, 2000);
	cr_expect_eq(p->closed, 0);
	peer_end(p);
}

/* The last data is under way to a peer that reads `octets` every `ms`. It was kept for N ms, at
 * most `most`. */
static uint64_t
orphan_lives(uint32_t queued, unsigned octets, unsigned ms, uint64_t most)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	uint64_t lived = 0;

	p->deaf = true;
	app_send(p, queued);
	app_close(p);
	while (p->closed == 0 && lived < most) {
		peer_wait(p, ms);
		lived += ms;
		sent_forget(p);
		if (p->closed != 0)
			break;
		p->ack += octets;
		if (p->ack > queued + 1)
			p->ack = queued + 1;
		peer_send(p, .flags = TCP_ACK);
	}
	peer_end(p);
	return lived;
}

/* The peer never stops answering, but a peer that reads an octet a minute is not waited for. */
Test(tcp_deadline, orphan_whose_peer_hardly_reads_ends)
{
	uint64_t lived = orphan_lives(10000, 1, 60000, 3600000);

	cr_expect(lived >= 300000 && lived <= 360000, "%u ms", (unsigned)lived);
}

Test(tcp_deadline, orphan_whose_peer_reads_slowly_is_told_all)
{
	uint64_t lived = orphan_lives(600000, 1000, 1000, 610000);

	cr_expect_geq(lived, 600000, "%u ms", (unsigned)lived);
}

/* A peer that answers and keeps its window shut: probes end the connection first. */
Test(tcp_deadline, orphan_whose_peer_reads_nothing_ends)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	peer_send(p, .flags = TCP_ACK, .wnd = -1);
	app_send(p, 1000);
	p->deaf = true;
	app_close(p);
	for (unsigned s = 0; s < 300 && p->closed == 0; s++) {
		peer_wait(p, 1000);
		sent_forget(p);
		if (p->closed == 0)
			peer_send(p, .flags = TCP_ACK, .wnd = -1);
	}
	expect_end(p, HF_TIMEOUT);
	peer_end(p);
}
