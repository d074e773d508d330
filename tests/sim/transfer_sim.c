/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections of every kind, over wires of every quality. Text must arrive whole, once and in
 * order. Both sides must come to an end, and nothing may be left. */
#include <stdio.h>

#include "flood.h"
#include "stack/private.h"
#include "world.h"

#define FOREVER_S 3600  /* of virtual time */
#define MSL_MS    30000 /* a FIN is repeated within 2 MSL, even 20 times */

static uint32_t
pick(struct rng *r, const uint32_t *of, unsigned n)
{
	return of[rng_below(r, n)];
}

#define PICK(r, ...)                              \
	pick(r, (const uint32_t[]) {__VA_ARGS__}, \
	        sizeof((const uint32_t[]) {__VA_ARGS__}) / sizeof(uint32_t))

static struct wire_faults
draw_faults(struct rng *r)
{
	struct wire_faults f = {.delay_us = PICK(r, 10, 500, 5000, 40000)};

	if (rng_permille(r, 150))
		return f; /* a good one */
	/* At 250 per mille each of 15 retransmissions fails, there or back, with 0.44: all fail
	 * once in 300,000 times. At 300 per mille it is once in 25,000. */
	f.loss = PICK(r, 0, 10, 50, 100, 200, 250);
	f.twice = PICK(r, 0, 0, 20, 200);
	f.damage = PICK(r, 0, 0, 10, 50);
	f.cut = PICK(r, 0, 0, 10, 30);
	f.jitter_us = PICK(r, 0, 100, 5000, 50000, 300000);
	return f;
}

/* Bytes of a stream: few over a bad wire and in small segments, or it takes
 * for ever. */
static uint32_t
draw_length(struct rng *r, const struct wire_faults *f, uint32_t mss)
{
	uint32_t most = f->loss + f->damage + f->cut >= 100 ? 60 : 250;
	uint32_t bytes = PICK(r, 0, 1, 700, 5000, 40000, 250000);

	most *= mss;
	if (most > STREAM_MAX - 1)
		most = STREAM_MAX - 1;
	return rng_below(r, (bytes < most ? bytes : most) + 1);
}

static struct client_conf
draw_client(struct rng *r, const struct wire_faults *f)
{
	struct client_conf c = {
	        .ip = rig_ip(10, 0, 0, 10 + rng_below(r, 5)),
	        .ts = rng_permille(r, 500),
	        .sack = rng_permille(r, 500),
	        .wscale = rng_permille(r, 500),
	        .shift = (uint8_t)PICK(r, 0, 1, 7, 14),
	        .mss = (uint16_t)PICK(r, 0, 64, 65, 100, 536, 1200, 1460, 9000),
	        .delay_ack_ms = PICK(r, 0, 0, 5, 40, 150),
	        .burst = PICK(r, 1, 3, 10, 40),
	        .max_len = PICK(r, 1, 10, 200, 1460, 1460, 1460),
	        .close = rng_below(r, 3),
	        .abort_at = UINT32_MAX,
	        .syn_data = rng_permille(r, 100),
	        .urgent = rng_permille(r, 100),
	        .send_at = (uint32_t)rng_next(r),
	        .expect_at = (uint32_t)rng_next(r),
	};
	uint32_t mss = c.mss == 0 ? 536 : c.mss;

	c.room = PICK(r, 300, 3000, 20000, 65535, 200000);
	if (c.wscale && c.room < 4u << c.shift)
		c.room = 4u << c.shift;
	if (rng_permille(r, 250)) {
		c.read_every_ms = PICK(r, 20, 100, 700);
		c.read_bytes = c.room / PICK(r, 1, 2, 5);
	}
	c.send = draw_length(r, f, c.max_len < mss ? c.max_len : mss);
	mss = mss < c.room / 2 ? mss : c.room / 2;
	c.expect = draw_length(r, f, mss);
	return c;
}

static struct session_conf
draw_session(struct rng *r, struct client_conf *c)
{
	struct session_conf s = {
	        .mode = rng_below(r, 3),
	        .end = rng_below(r, 5),
	        .chunk = PICK(r, 20, 1000, 5000, 100000),
	        .partial = rng_permille(r, 200),
	        .room = PICK(r, 0, 0, 0, 1500, 5000),
	        .abort_at = UINT32_MAX,
	};

	if (rng_permille(r, 150))
		s.pause_after = PICK(r, 500, 4000);
	if (rng_permille(r, 80))
		s.abort_at = rng_below(r, c->send + 1);
	if (rng_permille(r, 80))
		c->abort_at = rng_below(r, c->send + c->expect + 2);
	if (s.mode == MODE_ECHO) {
		c->expect = c->send;
		c->expect_at = c->send_at;
		if (s.end != END_AFTER_PEER && s.end != END_SHUTDOWN)
			s.end = END_CLOSE;
	} else {
		s.out_after = rng_permille(r, 500) ? c->send : 0;
	}
	if (s.chunk == 20 && c->expect > 5000)
		s.chunk = 500;
	if (s.mode == MODE_ECHO && s.end == END_SHUTDOWN && c->send == 0)
		s.end = END_AFTER_PEER;
	/* one side must close first */
	if (s.end == END_AFTER_PEER && c->close == CLOSE_LAST)
		c->close = CLOSE_WITH_DATA;
	s.in = c->send;
	s.in_at = c->send_at;
	s.out = c->expect;
	s.out_at = c->expect_at;
	return s;
}

/* The allowed ends of a session, by its plan. */
static void
check_end(const struct world *w, unsigned i)
{
	const struct client *c = &w->client[i];
	const struct session *s = &w->sessions.s[i];
	bool rude = s->conf.end == END_RUDE && s->conf.in != 0;

	if (s->conf.end == END_LINGER && s->conf.in != 0 && s->why == HF_TIMEOUT)
		return; /* FIN-WAIT-2's patience is bounded */
	if (c->conf.abort_at == UINT32_MAX && s->conf.abort_at == UINT32_MAX && !rude) {
		if (c->was_reset || s->opened != 1 || s->why != HF_CLOSED)
			sim_fail("session %u: %s, client %s", i, hf_reason_name(s->why),
			        c->was_reset ? "reset" : "content");
		if (c->in != c->conf.expect || s->queued != s->conf.out ||
		        (s->got != s->conf.in && s->conf.end != END_LINGER))
			sim_fail("session %u: %u of %u bytes in, %u of %u out", i, s->got,
			        s->conf.in, c->in, c->conf.expect);
		return;
	}
	if (s->opened == 0 && !c->aborted && !c->was_reset)
		sim_fail("session %u never opened", i);
	if (s->opened != 0 && s->why != HF_CLOSED && !(s->why == HF_RESET && c->aborted) &&
	        !(s->why == HF_ABORTED && (rude || s->aborted)))
		sim_fail("session %u: %s", i, hf_reason_name(s->why));
}

static void
tell(const struct world *w)
{
	const struct wire_faults *f = &w->wire.faults;

	printf("wire: loss %u twice %u damage %u cut %u per mille, delay %u + %u us\n", f->loss,
	        f->twice, f->damage, f->cut, f->delay_us, f->jitter_us);
	for (unsigned i = 0; i < w->nclients; i++) {
		const struct client_conf *c = &w->client[i].conf;
		const struct session_conf *s = &w->sessions.s[i].conf;

		printf("%u: ts %d sack %d wscale %d,%u mss %u room %u read %u/%u ms delack %u "
		       "burst %u max %u send %u expect %u close %d abort %d; mode %d end %d "
		       "after %u chunk %u partial %d pause %u room %u abort %d\n",
		        i, c->ts, c->sack, c->wscale, c->shift, c->mss, c->room, c->read_bytes,
		        c->read_every_ms, c->delay_ack_ms, c->burst, c->max_len, c->send,
		        c->expect, c->close, (int)c->abort_at, s->mode, s->end, s->out_after,
		        s->chunk, s->partial, s->pause_after, s->room, (int)s->abort_at);
	}
}

/* The state of all sessions. */
static void
show(const struct world *w)
{
	for (unsigned i = 0; i < w->nclients; i++) {
		const struct client *c = &w->client[i];
		const struct session *s = &w->sessions.s[i];

		printf("%u: state %d reset %d una %u nxt %u max %u wnd %u in %u read %u fin "
		       "%d; "
		       "opened %u closed %u peer_closed %u got %u queued %u shut %d\n",
		        i, c->state, c->was_reset, c->snd_una - c->iss, c->snd_nxt - c->iss,
		        c->snd_max - c->iss, c->snd_wnd, c->in, c->read, c->peer_fin, s->opened,
		        s->closed, s->peer_closed, s->got, s->queued, (int)s->shut_at);
	}
}

static void
one(uint64_t seed)
{
	static struct world w;
	static struct flood f;
	struct rng r = {.state = seed};
	struct stack_conf conf = {.max_conns = 64,
	        .max_kept = PICK(&r, 8, 64, 1000),
	        .msl_ms = MSL_MS,
	        .fin_wait_2_ms = 120000,
	        .orphan_ms = 3600000,
	        .syn_retries = 15,
	        .retries = 15,
	        .rcv_wnd = PICK(&r, 1024, 20000, 65535, 262144, 4000000)};
	/* where milliseconds wrap, at times */
	uint64_t start = rng_permille(&r, 300) ? (1ull << 32) * 1000 - rng_below(&r, 3000000)
	                                       : rng_next(&r) >> 20;
	unsigned n = 1 + rng_below(&r, 6);
	uint64_t until;

	memcpy(conf.secret, &seed, sizeof(seed));
	flood_draw(&f, seed, &conf);
	world_create(&w, &conf, seed, start);
	flood_begin(&f, &w);
	w.wire.faults = draw_faults(&r);
	w.turn_us = PICK(&r, 1, 50, 1000, 3000);
	w.tight_buffers = rng_permille(&r, 150);
	for (unsigned i = 0; i < n; i++) {
		struct client_conf c = draw_client(&r, &w.wire.faults);
		struct session_conf s = draw_session(&r, &c);

		/* a cookie without timestamps has no smaller MSS */
		if (flood_has_cookies(&f) && c.mss != 0 && c.mss < COOKIE_MSS_MIN)
			c.ts = true;

		world_add_client(&w, &c, &s);
	}
	if (sim_verbose())
		tell(&w);
	until = world_now_us(&w) + FOREVER_S * 1000000ull;
	while (!world_is_over(&w)) {
		flood_blow(&f);
		world_step(&w);
		if (world_now_us(&w) > until)
			sim_fail("it does not end%s", sim_verbose() ? (show(&w), "") : "");
	}
	for (unsigned i = 0; i < n; i++)
		check_end(&w, i);
	/* late frames first: a SYN among them may open something once more */
	w.wire.faults = (struct wire_faults) {.delay_us = 100};
	world_settle(&w, 2 * MSL_MS + 10000 + flood_settles_ms(&f));
	world_destroy(&w);
}

int
main(void)
{
	return sim_main("transfer", 3000, one);
}
