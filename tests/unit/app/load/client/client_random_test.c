/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever comes in whatever order, the tally balances (the rig looks after each
 * event), and no record is lost or used twice. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "client_rig.h"

#define STEPS 20000

static uint32_t
rnd(uint64_t *state, uint32_t below)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((*state >> 33) % below);
}

static void
say_something(struct rig *r, unsigned i, uint64_t *s)
{
	static const char *const text[] = {RIG_ANSWER, RIG_ANSWER, RIG_ANSWER, RIG_ANSWER,
	        "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
	        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
	        "HTTP/1.0 200 OK\r\n\r\nx", "rubbish"};
	const char *what = text[rnd(s, 8)];
	uint32_t len = (uint32_t)strlen(what), cut = 1 + rnd(s, len);
	struct hf_conn *c = r->conn[i];

	if (r->spec.url.kind == LOAD_ECHO && c->out_len > 0 && rnd(s, 2) == 0) {
		rig_bytes(r, i, c->out, r->spec.payload);
	} else if (r->spec.url.kind == LOAD_ECHO && c->out_len > 0 && rnd(s, 20) != 0) {
		rig_bytes(r, i, c->out, 1 + rnd(s, (uint32_t)c->out_len));
	} else if (rnd(s, 3) != 0) {
		rig_bytes(r, i, what, len);
	} else {
		rig_bytes(r, i, what, cut);
		if (cut < len && rnd(s, 4) != 0)
			rig_bytes(r, i, what + cut, len - cut);
	}
}

/* A reason that the stack could have in this state. */
static enum hf_reason
some_reason(const struct rig *r, unsigned i, uint64_t *s)
{
	static const enum hf_reason before[] = {
	        HF_REFUSED, HF_HOST_UNREACHABLE, HF_TIMEOUT, HF_STOPPED};
	static const enum hf_reason later[] = {HF_RESET, HF_TIMEOUT, HF_STOPPED};
	const struct hf_conn *c = r->conn[i];

	if (c->aborted)
		return HF_ABORTED;
	if ((c->closed || c->lingers) && rnd(s, 8) != 0)
		return HF_CLOSED;
	return r->up[i] ? later[rnd(s, 3)] : before[rnd(s, 4)];
}

static void
step_conn(struct rig *r, unsigned i, uint64_t *s)
{
	struct hf_conn *c = r->conn[i];
	bool over = c->closed || c->lingers || c->aborted;

	if (rnd(s, over ? 2 : 12) == 0)
		rig_gone(r, i, some_reason(r, i, s));
	else if (!r->up[i])
		rig_opened(r, i);
	else if (rnd(s, 8) == 0)
		rig_fin(r, i);
	else if (rnd(s, 4) == 0)
		rig_acks(r, i);
	else
		say_something(r, i, s);
}

static void
run(uint64_t seed)
{
	static const int refusal[] = {
	        0, 0, 0, 0, 0, 0, -ENOBUFS, -EADDRNOTAVAIL, -ENETUNREACH, -EINVAL};
	struct rig *r = rig_new();
	uint64_t s = seed;

	r->spec.url.kind = (enum load_kind)(seed % 3);
	r->spec.close = (enum load_close)(seed / 3 % 3);
	r->spec.payload = rnd(&s, 50) + (r->spec.url.kind == LOAD_ECHO);
	r->spec.requests = 1 + rnd(&s, 4);
	r->spec.concurrency = 1 + rnd(&s, 100);
	r->spec.rate = seed % 2 == 0 ? 0 : 20000;
	r->spec.warmup_s = rnd(&s, 2);
	r->spec.duration_s = 2;
	r->spec.timeout_ms = 1 + rnd(&s, 50);
	r->conf.max_conns = 64;
	rig_start(r);
	for (unsigned i = 0; i < STEPS; i++) {
		if (rnd(&s, 100) == 0)
			r->refuse = refusal[rnd(&s, 10)];
		if (rnd(&s, 200) == 0)
			r->core.descriptors = rnd(&s, 3) ? FAKE_MANY : 0;
		if (r->n == 0 || rnd(&s, 5) == 0)
			rig_turn(r, rnd(&s, 500));
		else
			step_conn(r, rnd(&s, r->n), &s);
	}
	load_client_stop(r->client, true);
	for (unsigned i = 0; i < 3; i++) {
		rig_turn(r, 1);
		for (unsigned c = 0; c < r->n; c++)
			cr_assert(r->conn[c]->aborted, "seed %lu: lost", seed);
		while (r->n > 0)
			rig_gone(r, 0, some_reason(r, 0, &s));
	}
	rig_turn(r, 1);
	cr_expect(load_client_done(r->client));
	cr_expect_gt(rig_tally(r)->completed, 0u, "seed %lu", seed);
	rig_end(r);
}

Test(client_random, tally_balances_whatever_comes)
{
	for (uint64_t seed = 0; seed < 36; seed++)
		run(seed);
}
