/* SPDX-License-Identifier: BSD-3-Clause */
/* The application's calls on an open connection. */
#include "peer.h"

#include <errno.h>

Test(tcp_api, send_after_shutdown_is_refused)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	app_shutdown(p);
	cr_expect_eq(app_send(p, 1), -EPIPE);
	cr_expect_eq(hf_shutdown(core_of(p), hf_of(p)), -EPIPE);
	peer_end(p);
}

Test(tcp_api, too_much_is_refused)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	static const char text[1];

	cr_expect_eq(hf_send(core_of(p), hf_of(p), text, (1u << 30) + 1), -EMSGSIZE);
	app_send(p, 10);
	cr_expect_eq(hf_send(core_of(p), hf_of(p), text, 1u << 30), -EMSGSIZE);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 10);
	peer_end(p);
}

Test(tcp_api, descriptors_are_bounded)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	p->deaf = true;
	for (unsigned i = 0; i < TCP_SENDS_MAX; i++)
		cr_expect_eq(app_send(p, 10), 0);
	cr_expect_eq(app_send(p, 10), -ENOBUFS);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK, .ack = 15);
	cr_expect_eq(p->log[1], 'r');
	cr_expect_eq(app_send(p, 10), 0);
	cr_expect_eq(app_send(p, 10), -ENOBUFS);
	peer_end(p);
}

/* RFC 9293 3.8.6.2.1, MUST-38: all that is queued in one turn leaves in full segments,
 * however small the pieces are, and FIN behind the last */
Test(tcp_api, small_pieces_are_gathered)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	turn_hold(p);
	for (unsigned i = 0; i < TCP_SENDS_MAX; i++)
		cr_assert_eq(app_send(p, 10), 0);
	app_shutdown(p);
	turn_end(p);
	expect_sent(p, .flags = TCP_ACK, .seq = 0, .len = 1460);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1460, .len = 1100);
	expect_silence(p);
	peer_end(p);
}

/* the text begins where the last segment ended, and at the first octet without ACK when it is
 * sent again */
Test(tcp_api, small_pieces_are_sent_again)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .mss = 100);

	p->deaf = true;
	turn_hold(p);
	for (unsigned i = 0; i < 60; i++)
		cr_assert_eq(app_send(p, 7), 0);
	turn_end(p);
	for (uint32_t at = 0; at < 400; at += 100)
		expect_sent(p, .flags = TCP_ACK, .seq = at, .len = 100);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 400, .len = 20);
	peer_send(p, .flags = TCP_ACK, .ack = 150);
	peer_wait(p, 200);
	expect_sent(p, .flags = TCP_ACK, .seq = 150, .len = 100);
	peer_send(p, .flags = TCP_ACK, .ack = 250);
	expect_sent(p, .flags = TCP_ACK, .seq = 250, .len = 100);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 350, .len = 70);
	app_send(p, 30);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .seq = 420, .len = 30);
	expect_silence(p);
	peer_end(p);
}

static struct hf_buf *
lend(struct peer *p, uint32_t len, uint8_t **bytes)
{
	uint32_t room;
	struct hf_buf *b = hf_buf_alloc(core_of(p), bytes, &room);

	cr_assert_not_null(b);
	cr_expect_geq(room, 1024);
	for (uint32_t i = 0; i < len; i++)
		(*bytes)[i] = pattern(p->queued + i);
	p->queued += len;
	return b;
}

/* Given away, a buffer goes with the ACK of its last octet ... */
Test(tcp_api, buffer_is_released_on_ack)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	uint8_t *bytes;
	struct hf_buf *b = lend(p, 500, &bytes);

	p->deaf = true;
	cr_expect_eq(hf_send_buf(core_of(p), hf_of(p), b, bytes, 500), 0);
	turn_end(p);
	expect_sent(p, .flags = TCP_ACK | TCP_PSH, .len = 500);
	peer_send(p, .flags = TCP_ACK, .ack = 499);
	cr_expect_eq(bufs_out(p), 1);
	cr_expect_eq(hf_unacked(core_of(p), hf_of(p)), 1);
	peer_send(p, .flags = TCP_ACK, .ack = 500);
	cr_expect_eq(bufs_out(p), 0);
	cr_expect_eq(p->t->kept, 0);
	peer_end(p);
}

/* the same limit of the connection */
Test(tcp_api, buffer_is_released_on_abort_and_reset)
{
	for (int i = 0; i < 2; i++) {
		struct peer *p = peer_in(TCP_ESTABLISHED);
		uint8_t *bytes;
		struct hf_buf *b = lend(p, 500, &bytes);

		hf_send_buf(core_of(p), hf_of(p), b, bytes, 500);
		turn_end(p);
		if (i == 0) {
			hf_abort(core_of(p), hf_of(p));
			turn_end(p);
		} else {
			peer_send(p, .flags = TCP_RST);
		}
		cr_expect_eq(bufs_out(p), 0);
		peer_end(p);
	}
}

/* On an error it is still the caller's; with no octets it is released */
Test(tcp_api, buffer_on_error_is_the_callers)
{
	struct peer *p = peer_in(TCP_FIN_WAIT_1);
	struct peer *q = peer_beside(p);
	uint8_t *bytes;
	struct hf_buf *b = lend(p, 10, &bytes);

	cr_expect_eq(hf_send_buf(core_of(p), hf_of(p), b, bytes, 10), -EPIPE);
	cr_expect_eq(bufs_out(p), 1);
	hf_buf_free(core_of(p), b);
	peer_connect(q);
	b = lend(p, 0, &bytes);
	cr_expect_eq(hf_send_buf(core_of(q), hf_of(q), b, bytes, 0), 0);
	cr_expect_eq(bufs_out(p), 0);
	peer_end(p);
}

Test(tcp_api, buffers_are_bounded)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .max_kept = 1);
	uint32_t room;
	uint8_t *bytes;
	struct hf_buf *b = lend(p, 0, &bytes);

	cr_expect_null(hf_buf_alloc(core_of(p), &bytes, &room));
	hf_buf_free(core_of(p), b);
	peer_end(p);
}

/* Outside data() there is no packet to keep */
Test(tcp_api, keep_outside_data_is_refused)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	cr_expect_null(hf_keep(core_of(p), hf_of(p)));
	peer_end(p);
}

static struct peer *neighbour;

static void
speak_for_another(struct peer *p, char event)
{
	if (event != 'd' || p == neighbour)
		return;
	app_send(neighbour, 100);
	hf_close(core_of(neighbour), hf_of(neighbour));
	expect_silence(neighbour);
}

/* Another connection than the event's speaks at the end of the turn */
Test(tcp_api, calls_for_another_connection)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = speak_for_another);

	neighbour = peer_beside(p);
	peer_connect(neighbour);
	sent_forget(neighbour);
	turn_hold(p);
	peer_send(p, .flags = TCP_ACK, .len = 1);
	expect_silence(neighbour);
	turn_end(p);
	expect_sent(neighbour, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .len = 100);
	peer_end(p);
}

static void
keep_for_another(struct peer *p, char event)
{
	if (event != 'd' || p == neighbour)
		return;
	cr_expect_null(
	        hf_keep(core_of(p), hf_of(neighbour)), "the packet is not the neighbour's");
	cr_expect_not_null(p->kept[p->nkept++] = hf_keep(core_of(p), hf_of(p)));
}

/* In data() of one connection the packet cannot be kept for another one. */
Test(tcp_api, keep_for_another_connection_is_refused)
{
	struct peer *p = peer_in(TCP_ESTABLISHED, .on = keep_for_another);

	neighbour = peer_beside(p);
	peer_connect(neighbour);
	peer_send(p, .flags = TCP_ACK, .len = 100);
	cr_assert_eq(p->nkept, 1);
	hf_buf_free(core_of(p), p->kept[0]);
	p->nkept = 0;
	peer_end(p);
}

/* Ended while it waits to speak: its record is not used before it is off the list */
Test(tcp_api, ended_while_it_waits_to_speak)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);
	struct peer *q = peer_beside(p);

	turn_hold(p);
	app_send(p, 100);
	peer_send(p, .flags = TCP_RST);
	cr_expect_eq(p->closed, 1);
	peer_send(q, .flags = TCP_SYN);
	cr_expect_neq(tcp_conn_at(p->t, tcp_index(p->t, p->conn))->state, TCP_SYN_RECEIVED);
	turn_end(p);
	expect_silence(p);
	peer_end(p);
}

static void
call_everything(struct peer *p, char event)
{
	uint8_t text[1] = {0}, *bytes;
	struct tcp_conn was = *p->conn;
	struct hf_buf *b;

	if (event != 'c')
		return;
	cr_expect_eq(hf_send(core_of(p), hf_of(p), text, 1), -EPIPE);
	b = lend(p, 1, &bytes);
	cr_expect_eq(hf_send_buf(core_of(p), hf_of(p), b, bytes, 1), -EPIPE);
	hf_buf_free(core_of(p), b);
	cr_expect_null(hf_keep(core_of(p), hf_of(p)));
	hf_recv_room(core_of(p), hf_of(p), 5);
	hf_resume(core_of(p), hf_of(p));
	hf_deadline(core_of(p), hf_of(p), 5);
	hf_deadline_later(core_of(p), hf_of(p), 5, 5);
	cr_expect_eq(hf_shutdown(core_of(p), hf_of(p)), -EPIPE);
	hf_close(core_of(p), hf_of(p));
	hf_linger(core_of(p), hf_of(p));
	hf_abort(core_of(p), hf_of(p));
	cr_expect_arr_eq(p->conn, &was, sizeof(was), "a call in closed() changes nothing");
}

/* Whatever a service does in closed(), nothing is left and nothing follows */
Test(tcp_api, calls_in_closed_are_harmless)
{
	for (int i = 0; i < 3; i++) {
		struct peer *p = peer_in(TCP_ESTABLISHED, .on = call_everything);

		if (i == 0) {
			peer_send(p, .flags = TCP_RST);
		} else if (i == 1) {
			app_send(p, 10);
			p->deaf = true;
			peer_wait(p, 300000);
		} else {
			app_shutdown(p);
			peer_send(p, .flags = TCP_ACK | TCP_FIN);
		}
		cr_expect_eq(p->closed, 1);
		peer_end(p);
	}
}

Test(tcp_api, addresses_context_and_time)
{
	struct peer *p = peer_in(TCP_ESTABLISHED);

	cr_expect_eq(hf_peer(hf_of(p)).addr, PEER_ADDR);
	cr_expect_eq(hf_peer(hf_of(p)).port, p->port);
	cr_expect_eq(hf_local(hf_of(p)).addr, OUR_ADDR);
	cr_expect_eq(hf_local(hf_of(p)).port, OUR_PORT);
	cr_expect_null(hf_ctx(hf_of(p)));
	hf_set_ctx(hf_of(p), p);
	cr_expect_eq(hf_ctx(hf_of(p)), p);
	cr_expect_eq(hf_now_us(core_of(p)), p->t->now.us);
	cr_expect_str_eq(hf_reason_name(HF_TIMEOUT), "timeout");
	peer_end(p);
}

static const struct hf_service nothing = {.name = "nothing"};

/* A service without events takes all, and closes with the peer */
Test(tcp_api, service_without_events)
{
	struct peer *p = peer_new((struct peer_how) {.service = &nothing});

	peer_connect(p);
	sent_forget(p);
	peer_send(p, .flags = TCP_ACK | TCP_FIN, .len = 100);
	expect_sent(p, .flags = TCP_ACK | TCP_FIN, .ack = 101);
	peer_send(p, .flags = TCP_ACK);
	cr_expect_eq(peer_state(p), TCP_CLOSED);
	peer_end(p);
}
