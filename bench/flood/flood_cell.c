/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the kinds of flood against one stack, in memory or on rings. */
#include "flood_cell.h"

#include <string.h>

#include <rte_cycles.h>

#include "flood.h"
#include "macswap.h"

#define BATCH         1024
#define SPARE_CONNS   65536
#define HALF_OPEN     16384
#define SLEEP_US      20000000 /* longer than a SYN-ACK waits for its answer */
#define SPENT_BATCHES 40
#define SLEEPS_MAX    32
#define RING_S        0.02 /* seconds of a round on rings */
#define RING_WARM_S   0.002

struct cell {
	const struct flood_cell_conf *conf;
	struct victim *victim;
	struct crowd *crowd;
	struct macswap swap;
	struct flood flood[FLOOD_KINDS_MAX];
	bool rested[FLOOD_KINDS_MAX]; /* the allowance of answers is full again after a sleep */
	unsigned nkinds;
	double figure[FLOOD_KINDS_MAX + 1][BENCH_ROUNDS_MAX];
	struct counters sum[FLOOD_KINDS_MAX + 1];
};

static bool
make_victim(struct cell *c)
{
	const struct victim_conf conf = {
	        .stack = {.max_conns = c->conf->open + SPARE_CONNS,
	                .max_half_open = HALF_OPEN,
	                .syn_cookie = SYN_COOKIE_OFF},
	        .offload = c->conf->offload,
	        .rings = c->conf->rings,
	        .lcore = c->conf->lcore,
	        .rx_slots = 2 * BATCH,
	        .tx_slots = 2 * BATCH,
	};

	c->victim = victim_create(&conf);
	if (c->victim != NULL)
		c->crowd = crowd_create(c->victim, c->conf->open, false);
	return c->crowd != NULL;
}

static bool
open_crowd(struct cell *c, struct flood_cell *out)
{
	uint32_t n = c->conf->open, *order;
	uint64_t seed = 1;

	if (n == 0)
		return true;
	order = bench_permutation(n, &seed);
	if (order != NULL)
		out->open_cycles = victim_cycles(crowd_open(c->crowd, order)) / n;
	free(order);
	return out->open_cycles > 0;
}

static bool
is_kind_wanted(const struct cell *c, const struct flood_kind *k)
{
	if (c->conf->kinds != NULL && strstr(k->name, c->conf->kinds) == NULL)
		return false;
	if (k->taken_back && c->conf->rings)
		return false;
	return k->target != FLOOD_FLOW || c->conf->open > 0;
}

static uint64_t
swap_batch(struct cell *c)
{
	uint64_t start = bench_cpu_ns();

	while (macswap_turn(&c->swap) > 0)
		;
	return bench_cpu_ns() - start;
}

static void
add_counters(struct counters *sum, const struct counters *before, const struct counters *after)
{
	struct counters c = *after;

	counters_subtract(&c, before);
	counters_sum(sum, &c);
}

/* Lets the victim receive an offered batch. Returns its nanoseconds. */
static uint64_t
take_batch(struct cell *c, unsigned i)
{
	const struct counters *now = victim_worker(c->victim)->counters;
	struct counters before = *now;
	uint64_t ns = victim_take(c->victim);

	add_counters(&c->sum[i], &before, now);
	return ns;
}

/* Lets the stack give up the connections that other kinds have left half open. */
static void
drop_half_open(struct cell *c)
{
	struct stack *st = victim_worker(c->victim)->st;

	for (unsigned i = 0; i < SLEEPS_MAX && stack_usage(st).half_open > 0; i++) {
		victim_sleep(c->victim, SLEEP_US);
		victim_settle(c->victim);
		memset(c->rested, true, sizeof(c->rested));
	}
}

static void
set_cookies(struct cell *c, const struct flood_kind *k)
{
	struct stack *st = victim_worker(c->victim)->st;

	if (stack_syn(st).set != k->cookie)
		stack_set_syn_cookie(st, k->cookie, victim_now(c->victim));
}

/* Uses up the allowance of answers. A limit of answers begins with an allowance of one second,
 * and the measurement is of the time after it. */
static void
spend_answers(struct cell *c, unsigned i)
{
	if (!c->rested[i] || c->flood[i].kind->taken_back)
		return;
	c->rested[i] = false;
	for (unsigned b = 0; b < SPENT_BATCHES; b++) {
		flood_offer(&c->flood[i], BATCH);
		victim_take(c->victim);
		victim_look(c->victim, NULL, NULL);
	}
}

static double
round_in_memory(struct cell *c, unsigned i)
{
	struct flood *f = &c->flood[i];
	uint64_t ns = 0, packets = 0;

	set_cookies(c, f->kind);
	if (f->kind->taken_back)
		drop_half_open(c);
	spend_answers(c, i);
	for (unsigned b = 0; b < c->conf->batches; b++) {
		unsigned n = flood_offer(f, BATCH);

		packets += n;
		ns += take_batch(c, i);
		victim_look(c->victim, NULL, NULL);
		if (f->kind->taken_back) {
			flood_take_back(f, n);
			victim_take(c->victim);
		}
	}
	victim_settle(c->victim);
	return victim_cycles(ns) / (double)packets;
}

/* Measures macswap with the packets of the first kind. */
static double
swap_in_memory(struct cell *c)
{
	uint64_t ns = 0, packets = 0;

	for (unsigned b = 0; b < c->conf->batches; b++) {
		packets += flood_offer(&c->flood[0], BATCH);
		ns += swap_batch(c);
		victim_look(c->victim, NULL, NULL);
	}
	return victim_cycles(ns) / (double)packets;
}

static void
feed_rings(struct cell *c, struct flood *f, double seconds)
{
	uint64_t end = rte_rdtsc() + (uint64_t)(seconds * (double)rte_get_tsc_hz());

	do {
		flood_offer(f, VICTIM_ROOM);
		victim_look(c->victim, NULL, NULL);
	} while (rte_rdtsc() < end);
}

/* Feeds the loop on the other lcore. Returns its busy cycles for each packet. */
static double
measure_on_rings(struct cell *c, struct flood *f, const uint64_t *packets, const uint64_t *busy)
{
	uint64_t n, tsc;

	feed_rings(c, f, RING_WARM_S);
	n = counter_read(packets);
	tsc = counter_read(busy);
	feed_rings(c, f, RING_S);
	n = counter_read(packets) - n;
	tsc = counter_read(busy) - tsc;
	return (double)tsc / (double)(n > 0 ? n : 1);
}

static double
round_on_rings(struct cell *c, unsigned i)
{
	struct worker *w = victim_worker(c->victim);
	struct counters before = *w->counters;
	double figure;

	set_cookies(c, c->flood[i].kind);
	if (!victim_launch(c->victim, worker_main, w))
		return 0;
	figure = measure_on_rings(c, &c->flood[i], &w->counters->rx_packets, &w->load.busy_tsc);
	victim_halt(c->victim);
	victim_settle(c->victim);
	add_counters(&c->sum[i], &before, w->counters);
	victim_look(c->victim, NULL, NULL);
	return figure;
}

static double
swap_on_rings(struct cell *c)
{
	double figure;

	c->swap.halt = false;
	if (!victim_launch(c->victim, macswap_main, &c->swap))
		return 0;
	figure = measure_on_rings(c, &c->flood[0], &c->swap.packets, &c->swap.busy_tsc);
	__atomic_store_n(&c->swap.halt, true, __ATOMIC_RELEASE);
	victim_halt(c->victim);
	victim_settle(c->victim);
	victim_look(c->victim, NULL, NULL);
	return figure;
}

/* Measures each kind once, and macswap. */
static void
measure_round(struct cell *c, unsigned r)
{
	bool rings = c->conf->rings;

	for (unsigned i = 0; i < c->nkinds; i++)
		c->figure[i][r] = rings ? round_on_rings(c, i) : round_in_memory(c, i);
	c->figure[c->nkinds][r] = rings ? swap_on_rings(c) : swap_in_memory(c);
}

static void
run_rounds(struct cell *c)
{
	measure_round(c, 0); /* warms up */
	memset(c->sum, 0, sizeof(c->sum));
	for (unsigned r = 0; r < c->conf->rounds; r++)
		measure_round(c, r);
}

static void
set_figure(struct cell *c, unsigned i, struct flood_figure *out)
{
	const struct counters *s = &c->sum[i];
	uint64_t dropped = 0, most = 0, in = s->rx_packets > 0 ? s->rx_packets : 1;

	*out = (struct flood_figure) {
	        .measured = true,
	        .cycles = bench_summary(c->figure[i], c->conf->rounds),
	        .answered = (double)s->tx_packets / (double)in,
	};
	for (unsigned why = DROP_NONE + 1; why < DROP_COUNT; why++) {
		dropped += s->drop[why];
		if (s->drop[why] > most) {
			most = s->drop[why];
			out->drop = drop_name(why);
		}
	}
	out->dropped = (double)dropped / (double)in;
}

static void
choose_kinds(struct cell *c)
{
	for (unsigned i = 0; flood_kinds[i].name != NULL && c->nkinds < FLOOD_KINDS_MAX; i++) {
		if (is_kind_wanted(c, &flood_kinds[i]))
			flood_init(&c->flood[c->nkinds++], &flood_kinds[i], c->victim, c->crowd,
			        c->conf->open);
	}
}

static bool
measure_cell(struct cell *c, struct flood_cell *out)
{
	if (!make_victim(c) || !open_crowd(c, out))
		return false;
	out->stack_mb = (double)stack_usage(victim_worker(c->victim)->st).bytes / 1e6;
	c->swap.ethdev = victim_ethdev(c->victim);
	choose_kinds(c);
	if (c->nkinds == 0) {
		fprintf(stderr, "no kind of flood has '%s' in its name\n", c->conf->kinds);
		return false;
	}
	run_rounds(c);
	for (unsigned i = 0; i < c->nkinds; i++)
		set_figure(c, i, &out->kind[c->flood[i].kind - flood_kinds]);
	set_figure(c, c->nkinds, &out->macswap);
	return true;
}

bool
flood_cell_measure(const struct flood_cell_conf *conf, struct flood_cell *out)
{
	struct cell *c = calloc(1, sizeof(*c));
	bool ok;

	memset(out, 0, sizeof(*out));
	if (c == NULL)
		return false;
	c->conf = conf;
	ok = measure_cell(c, out);
	crowd_destroy(c->crowd);
	victim_destroy(c->victim);
	free(c);
	return ok;
}
