/* SPDX-License-Identifier: BSD-3-Clause */
/* The rig of tests of the load's client. */
#include "client_rig.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#define STEP_US 50000u

static struct rig *
rig_of(struct hf_core *h)
{
	return (struct rig *)h; /* its first member */
}

int
hf_connect(struct hf_core *h, const struct hf_service *service, void *self,
        const struct hf_open *how, struct hf_conn **out)
{
	struct rig *r = rig_of(h);
	struct hf_conn *c;

	r->calls++;
	if (r->refuse != 0)
		return r->refuse;
	cr_assert_lt(r->n, (unsigned)RIG_CONNS);
	cr_assert_eq(how->peer.addr, r->spec.url.addr);
	cr_assert_eq(how->peer.port, r->spec.url.port);
	cr_assert_eq(how->local.port, 0, "the stack chooses ports");
	c = calloc(1, sizeof(*c));
	c->h = h;
	c->service = service;
	c->self = self;
	c->ctx = how->ctx;
	r->how[r->n] = *how;
	r->up[r->n] = false;
	r->conn[r->n++] = c;
	if (out != NULL)
		*out = c;
	return 0;
}

const struct load_tally *
rig_tally(const struct rig *r)
{
	return load_client_tally(r->client);
}

static void
check_balance(const struct rig *r)
{
	const struct load_tally *t = rig_tally(r);

	cr_assert_eq(t->attempted, t->completed + load_tally_errors(t) + t->open,
	        "%lu attempted, %lu completed, %lu errors, %lu open", t->attempted,
	        t->completed, load_tally_errors(t), t->open);
	/* One that the server ended between two requests is open without a connection. */
	cr_assert_geq(t->open, r->n);
	cr_assert_leq(t->open - r->n, t->closed_idle);
	cr_assert_leq(t->window_due_attempted, t->window_due);
	cr_assert_leq(t->window_due_completed + t->window_due_failed, t->window_due_attempted);
	cr_assert_leq(t->window_due_no_source, t->window_due_failed);
	cr_assert_geq(t->intended, t->attempted);
	cr_assert_leq(t->window_completed, t->completed);
	cr_assert_leq(t->window_requests, t->requests);
}

struct rig *
rig_new(void)
{
	struct rig *r = calloc(1, sizeof(*r));

	r->core = fake_core();
	r->core.now_us = RIG_BEGIN;
	r->spec = (struct load_spec) {
	        .url = {LOAD_HTTP, cpu_to_be32(0xc0000201), cpu_to_be16(8080), "/page"},
	        .concurrency = 1,
	        .duration_s = 10,
	        .requests = 1,
	        .timeout_ms = 1000,
	};
	r->conf = (struct load_client_conf) {
	        .spec = &r->spec, .shares = 1, .max_conns = RIG_CONNS, .begin_us = RIG_BEGIN};
	return r;
}

void
rig_start(struct rig *r)
{
	r->client = load_client.create(&r->conf, -1);
	cr_assert_not_null(r->client);
}

void
rig_end(struct rig *r)
{
	while (r->n > 0)
		rig_gone(r, r->n - 1, HF_STOPPED);
	load_client.destroy(r->client);
	free(r);
}

void
rig_turn(struct rig *r, uint64_t later_us)
{
	r->core.now_us += later_us;
	load_client.turn(&r->core, r->client);
	check_balance(r);
}

void
rig_wait(struct rig *r, uint64_t later_us)
{
	for (; later_us > STEP_US; later_us -= STEP_US)
		rig_turn(r, STEP_US);
	rig_turn(r, later_us);
}

struct hf_conn *
rig_one(struct rig *r)
{
	rig_start(r);
	rig_turn(r, 0);
	cr_assert_eq(r->n, 1u);
	rig_opened(r, 0);
	return r->conn[0];
}

void
rig_opened(struct rig *r, unsigned i)
{
	struct hf_conn *c = r->conn[i];

	r->up[i] = true;
	c->service->opened(&r->core, c->self, c);
	check_balance(r);
}

void
rig_bytes(struct rig *r, unsigned i, const void *bytes, uint32_t len)
{
	cr_assert_eq(fake_data(r->conn[i], bytes, len), len, "all is taken, always");
	check_balance(r);
}

void
rig_says(struct rig *r, unsigned i, const char *text)
{
	rig_bytes(r, i, text, (uint32_t)strlen(text));
}

void
rig_acks(struct rig *r, unsigned i)
{
	fake_ack_all(r->conn[i]);
	check_balance(r);
}

void
rig_fin(struct rig *r, unsigned i)
{
	fake_peer_closed(r->conn[i]);
	check_balance(r);
}

void
rig_gone(struct rig *r, unsigned i, enum hf_reason why)
{
	fake_end(r->conn[i], why);
	r->n--;
	memmove(r->conn + i, r->conn + i + 1, (r->n - i) * sizeof(r->conn[0]));
	memmove(r->how + i, r->how + i + 1, (r->n - i) * sizeof(r->how[0]));
	memmove(r->up + i, r->up + i + 1, (r->n - i) * sizeof(r->up[0]));
	check_balance(r);
}

void
rig_expect_one(const struct rig *r, enum load_error error)
{
	const struct load_tally *t = rig_tally(r);

	cr_expect_eq(t->completed, error == LOAD_ERROR_COUNT ? 1u : 0u);
	cr_expect_eq(load_tally_errors(t), error == LOAD_ERROR_COUNT ? 0u : 1u);
	for (unsigned i = 0; i < LOAD_ERROR_COUNT; i++)
		cr_expect_eq(t->error[i], i == error ? 1u : 0u, "%s: %lu", load_error_names[i],
		        t->error[i]);
}
