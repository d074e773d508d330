/* SPDX-License-Identifier: BSD-3-Clause */
/* The flood: SYNs, wrong ACKs, and an operator's commands. */
#include "flood.h"

#include "stack/private.h"

#define SYNS    300
#define RETRIES 6 /* 127 s */

void
flood_draw(struct flood *f, uint64_t seed, struct stack_conf *conf)
{
	*f = (struct flood) {.rng = {.state = seed ^ 0xf100d}, .conf = conf};
	conf->syn_cookie = (enum syn_cookie)rng_below(&f->rng, 3);
	f->may_be_off = conf->syn_cookie == SYN_COOKIE_OFF || rng_permille(&f->rng, 300);
	conf->max_half_open = f->may_be_off ? 512 : 8 + rng_below(&f->rng, 60);
	conf->syn_rate = rng_permille(&f->rng, 500) ? 100 : 50000;
	if (rng_permille(&f->rng, 500))
		return;
	f->permille = 20 + rng_below(&f->rng, 200);
	f->syns = SYNS;
	conf->syn_retries = RETRIES;
}

/* The answers to the flood, which the wire takes away. */
static void
nobody_hears(void *ctx, const struct rig_out *o)
{
	(void)ctx;
	if (o->seg.kind == SEG_TCP && o->seg.len != 0)
		sim_fail("text to a forged host");
}

void
flood_begin(struct flood *f, struct world *w)
{
	f->w = w;
	w->stranger = nobody_hears;
}

static void
push(struct flood *f, uint8_t flags)
{
	struct rng *r = &f->rng;
	uint8_t frame[14 + RIG_MTU];
	struct say s = {
	        .src = rig_ip(10, 0, 1 + rng_below(r, 200), 1 + rng_below(r, 250)),
	        .sport = (uint16_t)(1024 + rng_below(r, 60000)),
	        .dport = WORLD_SERVICE_PORT,
	        .seq = (uint32_t)rng_next(r),
	        .ack = (flags & TCP_ACK) ? (uint32_t)rng_next(r) : 0,
	        .flags = flags,
	        .wnd = 1000,
	        .opts = {.present = (uint8_t)(SEG_OPT_MSS | (rng_next(r) & SEG_OPT_TS)),
	                .mss = 1460,
	                .tsval = (uint32_t)rng_next(r)},
	};

	rig_push(f->w->rig, 0, frame, rig_build(&s, frame));
}

static void
change_mode(struct flood *f)
{
	enum syn_cookie set = (enum syn_cookie)rng_below(&f->rng, 3);

	if (set != SYN_COOKIE_OFF || f->may_be_off)
		stack_set_syn_cookie(f->w->rig->st, set, f->w->rig->now);
}

/* This happens once in a run: only one former set is remembered. */
static void
replace_keys(struct flood *f)
{
	struct cookie_masters m;
	uint8_t secret[16];

	for (unsigned i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)rng_next(&f->rng);
	cookie_masters_draw(&m, secret);
	stack_set_cookie_keys(f->w->rig->st, &m, f->w->rig->now);
	f->keys_replaced = true;
}

void
flood_blow(struct flood *f)
{
	if (f->permille == 0)
		return;
	if (rng_permille(&f->rng, 2))
		change_mode(f);
	if (!f->keys_replaced && rng_permille(&f->rng, 5))
		replace_keys(f);
	if (!rng_permille(&f->rng, f->permille))
		return;
	for (unsigned n = rng_below(&f->rng, 30); n > 0; n--) {
		if (f->syns > 0 && rng_permille(&f->rng, 600)) {
			push(f, TCP_SYN);
			f->syns--;
		} else {
			push(f, rng_permille(&f->rng, 900) ? TCP_ACK : TCP_ACK | TCP_FIN);
		}
	}
}

uint32_t
flood_settles_ms(const struct flood *f)
{
	return f->permille != 0 ? 1000u << (RETRIES + 1) : 0;
}

bool
flood_has_cookies(const struct flood *f)
{
	return f->permille != 0 || f->conf->syn_cookie != SYN_COOKIE_OFF;
}
