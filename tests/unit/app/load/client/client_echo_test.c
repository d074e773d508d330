/* SPDX-License-Identifier: BSD-3-Clause */
/* Echo, and bare handshakes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "client_rig.h"

#define COMPLETED LOAD_ERROR_COUNT

static struct rig *
rig_of_kind(enum load_kind kind, uint32_t payload, enum load_close close)
{
	struct rig *r = rig_new();

	r->spec.url.kind = kind;
	r->spec.payload = payload;
	r->spec.close = close;
	return r;
}

/* The last len bytes that came back. */
static void
send_back(struct rig *r, uint32_t len)
{
	struct hf_conn *c = r->conn[0];

	rig_bytes(r, 0, c->out + c->out_len - len, len);
}

/* RFC 862 */
Test(client_echo, rounds_are_compared_and_counted)
{
	for (enum load_close close = LOAD_CLOSE_FIN; close <= LOAD_CLOSE_SERVER; close++) {
		struct rig *r = rig_of_kind(LOAD_ECHO, 100, close);
		struct hf_conn *c;

		r->spec.requests = 3;
		c = rig_one(r);
		for (unsigned i = 1; i <= 3; i++) {
			cr_assert_eq(c->out_len, i * 100);
			send_back(r, 100);
		}
		cr_expect_eq(c->closed, close == LOAD_CLOSE_FIN);
		cr_expect_eq(c->aborted, close == LOAD_CLOSE_RST);
		cr_expect_eq(c->shut, close == LOAD_CLOSE_SERVER, "the echo waits for our FIN");
		rig_fin(r, 0);
		cr_expect_neq(c->closed, c->aborted);
		rig_gone(r, 0, c->aborted ? HF_ABORTED : HF_CLOSED);
		rig_expect_one(r, COMPLETED);
		cr_expect_eq(rig_tally(r)->requests, 3u);
		cr_expect_eq(rig_tally(r)->text_in, 300u);
		rig_end(r);
	}
}

Test(client_echo, bytes_may_come_one_by_one)
{
	struct rig *r = rig_of_kind(LOAD_ECHO, 64, LOAD_CLOSE_FIN);
	struct hf_conn *c;

	r->spec.requests = 2;
	c = rig_one(r);
	for (unsigned i = 0; i < 128; i++) {
		cr_assert_not(c->closed || c->aborted);
		rig_bytes(r, 0, c->out + i, 1);
	}
	cr_expect(c->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

static void
expect_refused(const uint8_t *out, const uint8_t *in, uint32_t len)
{
	struct rig *r = rig_of_kind(LOAD_ECHO, 2048, LOAD_CLOSE_FIN);
	struct hf_conn *c = rig_one(r);

	cr_assert_arr_eq(c->out, out, 2048);
	rig_bytes(r, 0, in, len);
	cr_expect(c->aborted);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, LOAD_ERROR_bad_answer);
	rig_end(r);
}

/* The pattern knows each byte's place. */
Test(client_echo, changed_swapped_repeated_or_surplus_bytes_are_a_bad_answer)
{
	struct rig *r = rig_of_kind(LOAD_ECHO, 2048, LOAD_CLOSE_FIN);
	uint8_t out[2048], in[2049];

	memcpy(out, rig_one(r)->out, sizeof(out));
	rig_end(r);

	memcpy(in, out, 2048);
	in[2047] ^= 1;
	expect_refused(out, in, 2048);
	for (unsigned block = 16; block <= 1024; block *= 2) {
		memcpy(in, out + block, block);
		memcpy(in + block, out, block);
		expect_refused(out, in, 2 * block);
		memcpy(in, out, block);
		memcpy(in + block, out, block);
		expect_refused(out, in, 2 * block);
	}
	memcpy(in, out, 2048);
	in[2048] = out[0];
	expect_refused(out, in, 2049);
}

Test(client_echo, fin_in_a_round_is_a_short_answer)
{
	struct rig *r = rig_of_kind(LOAD_ECHO, 10, LOAD_CLOSE_SERVER);
	struct hf_conn *c = rig_one(r);

	rig_bytes(r, 0, c->out, 9);
	rig_fin(r, 0);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, LOAD_ERROR_short_answer);
	rig_end(r);
}

Test(client_echo, bytes_behind_the_last_round_are_a_bad_answer)
{
	struct rig *r = rig_of_kind(LOAD_ECHO, 10, LOAD_CLOSE_SERVER);
	struct hf_conn *c = rig_one(r);

	send_back(r, 10);
	rig_bytes(r, 0, c->out, 1);
	cr_expect(c->aborted);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, LOAD_ERROR_bad_answer);
	rig_end(r);
}

Test(client_echo, of_nothing_is_refused)
{
	struct rig *r = rig_of_kind(LOAD_ECHO, 0, LOAD_CLOSE_FIN);

	errno = 0;
	cr_expect_null(load_client.create(&r->conf, -1));
	cr_expect_eq(errno, EINVAL);
	free(r);
}

/* Text of the server in between is taken, so that no RST follows an orderly end. */
Test(client_tcp, close_fin_lingers_behind_the_payload)
{
	for (uint32_t payload = 0; payload <= 10; payload += 10) {
		struct rig *r = rig_of_kind(LOAD_TCP, payload, LOAD_CLOSE_FIN);
		struct hf_conn *c = rig_one(r);

		cr_expect_eq(c->out_len, payload);
		cr_expect(c->lingers);
		rig_gone(r, 0, HF_CLOSED);
		rig_expect_one(r, COMPLETED);
		rig_end(r);
	}
}

Test(client_tcp, close_rst_waits_until_the_payload_is_acknowledged)
{
	struct rig *r = rig_of_kind(LOAD_TCP, 10, LOAD_CLOSE_RST);
	struct hf_conn *c = rig_one(r);

	rig_turn(r, 5);
	rig_says(r, 0, "welcome");
	rig_fin(r, 0);
	fake_ack(c, 9);
	cr_expect_not(c->aborted || c->closed);
	rig_acks(r, 0);
	cr_expect(c->aborted);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

/* A request in opened() would take the place of the handshake's last ACK. */
Test(client_tcp, close_rst_without_payload_comes_a_turn_later)
{
	struct rig *r = rig_of_kind(LOAD_TCP, 0, LOAD_CLOSE_RST);
	struct hf_conn *c = rig_one(r);

	cr_expect_not(c->aborted);
	rig_turn(r, 5);
	cr_expect(c->aborted);
	rig_gone(r, 0, HF_ABORTED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

Test(client_tcp, close_server_ignores_bytes_and_waits_for_the_fin)
{
	struct rig *r = rig_of_kind(LOAD_TCP, 10, LOAD_CLOSE_SERVER);
	struct hf_conn *c = rig_one(r);

	rig_says(r, 0, "welcome");
	rig_acks(r, 0);
	rig_turn(r, 5);
	cr_expect_not(c->aborted || c->closed);
	rig_fin(r, 0);
	cr_expect(c->closed);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	cr_expect_eq(rig_tally(r)->text_in, 7u);
	cr_expect_eq(rig_tally(r)->requests, 0u);
	rig_end(r);
}

Test(client_tcp, payload_without_room_is_sent_in_a_later_turn)
{
	struct rig *r = rig_of_kind(LOAD_TCP, 10, LOAD_CLOSE_FIN);
	struct hf_conn *c;

	r->core.descriptors = 0;
	c = rig_one(r);
	cr_expect_not(c->lingers);
	r->core.descriptors = 1;
	rig_turn(r, 5);
	cr_expect_eq(c->out_len, 10u);
	cr_expect(c->lingers);
	rig_gone(r, 0, HF_CLOSED);
	rig_expect_one(r, COMPLETED);
	rig_end(r);
}

Test(client_tcp, reset_before_ours_is_an_error)
{
	struct rig *r = rig_of_kind(LOAD_TCP, 0, LOAD_CLOSE_RST);

	rig_one(r);
	rig_gone(r, 0, HF_RESET);
	rig_expect_one(r, LOAD_ERROR_reset);
	rig_turn(r, 5); /* its record was still listed */
	rig_turn(r, 5);
	cr_expect_eq(r->n, 1u);
	rig_end(r);
}
