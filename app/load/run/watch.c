/* SPDX-License-Identifier: BSD-3-Clause */
/* Samples the clients, the cores and the counters of a load. */
#include "load/run/watch.h"

#include <stdio.h>
#include <string.h>

#include "load/run/seconds.h"

/* The time that one of our threads waited for a CPU: the second figure of its schedstat.
 * 0 if the kernel does not count it. */
static uint64_t
thread_waited_ns(int tid)
{
	unsigned long long ran, waited = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", tid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%llu %llu", &ran, &waited) != 2)
		waited = 0;
	fclose(f);
	return waited;
}

/* The time in which no core ran: from the last core that stopped to the first that came back.
 * The counts are those of each core when it stopped. */
static void
sum_halts(struct load_halt *sum, const struct load_halt *one, bool first)
{
	if (first) {
		*sum = *one;
		return;
	}
	sum->from_us = one->from_us > sum->from_us ? one->from_us : sum->from_us;
	sum->to_us = one->to_us < sum->to_us ? one->to_us : sum->to_us;
	sum->attempted += one->attempted;
	sum->completed += one->completed;
	sum->open += one->open;
}

static void
sample_halt(const struct watch *w, struct watch_sample *s)
{
	for (unsigned i = 0; i < w->ncores; i++) {
		struct load_halt one;

		if (!load_tally_halt(load_client_tally(w->client[i]), &one)) {
			s->halt = (struct load_halt) {0};
			return;
		}
		sum_halts(&s->halt, &one, i == 0);
	}
}

static void
sample_cores(const struct watch *w, struct watch_sample *s)
{
	memset(s, 0, sizeof(*s));
	s->now_us = engine_now(w->engine).us;
	for (unsigned i = 0; i < w->ncores; i++) {
		const struct load_tally *t = load_client_tally(w->client[i]);
		struct engine_usage load;

		engine_usage(w->engine, i, &load);
		s->busy_tsc[i] = load.busy_tsc;
		s->waited_ns[i] = thread_waited_ns(load.tid);
		s->total_tsc[i] = load.total_tsc;
		s->completed[i] = counter_read(&t->completed);
		s->away_us[i] = counter_read(&t->away_us);
		load_tally_add(&s->total, t);
		counters_sum(&s->count, engine_counters(w->engine, i));
	}
	sample_halt(w, s);
}

static double
core_busy_share(const struct watch_sample *from, const struct watch_sample *to, unsigned core)
{
	uint64_t total = to->total_tsc[core] - from->total_tsc[core];
	uint64_t busy = to->busy_tsc[core] - from->busy_tsc[core];

	return total != 0 ? (double)busy / (double)total : 0;
}

/* The greater of two measurements. The kernel counts the time in which other threads had the
 * CPU, even in many short pieces. Our clock also sees a stopped program and a stopped machine,
 * which the kernel does not count. */
static double
core_away_share(const struct watch *w, const struct watch_sample *from,
        const struct watch_sample *to, double window_s, unsigned core)
{
	const struct load_tally *t = load_client_tally(w->client[core]);
	double away_us = (double)histogram_from(&t->gaps, LOAD_AWAY_US);
	double waited_us = (double)(to->waited_ns[core] - from->waited_ns[core]) / 1e3;
	double most_us = away_us > waited_us ? away_us : waited_us;

	return window_s <= 0 ? 0 : most_us < 1e6 * window_s ? most_us / 1e6 / window_s : 1;
}

/* The time of the core that ran least. */
static double
most_away_s(const struct watch *w, const struct watch_sample *now)
{
	uint64_t most_us = 0;

	for (unsigned i = 0; i < w->ncores; i++) {
		uint64_t us = now->away_us[i] - w->last.away_us[i];

		most_us = us > most_us ? us : most_us;
	}
	return (double)most_us / 1e6;
}

void
watch_begin(struct watch *w)
{
	sample_cores(w, &w->first);
	w->last = w->first;
	w->last.now_us = w->begin_us;
	w->late_us = 0;
	w->window.now_us = w->window_end.now_us = 0;
}

/* `to` keeps what was added since `from`. */
static void
subtract_histogram(struct histogram *to, const struct histogram *from)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->bucket[i] -= from->bucket[i];
	to->count -= from->count;
}

static void
describe_row(const struct watch *w, const struct watch_sample *now, struct load_second *s)
{
	const struct watch_sample *last = &w->last;
	struct histogram whole = now->total.whole;

	subtract_histogram(&whole, &last->total.whole);
	*s = (struct load_second) {
	        .at_s = (double)(now->now_us - w->begin_us) / 1e6,
	        .for_s = (double)(now->now_us - last->now_us) / 1e6,
	        .attempted = now->total.attempted - last->total.attempted,
	        .completed = now->total.completed - last->total.completed,
	        .errors = load_tally_errors(&now->total) - load_tally_errors(&last->total),
	        .open = now->total.open,
	        .p50_us = histogram_quantile(&whole, 0.5),
	        .p99_us = histogram_quantile(&whole, 0.99),
	        .away_s = most_away_s(w, now),
	};
	for (unsigned i = 0; i < w->ncores; i++)
		s->busy[i] = (float)core_busy_share(last, now, i);
}

bool
watch_ready(struct watch *w, uint64_t now_us)
{
	if (now_us < w->last.now_us + SECONDS_LONG_US)
		return true;
	if (w->late_us == 0)
		w->late_us = now_us;
	if (now_us >= w->late_us + US_PER_SECOND)
		return true;
	for (unsigned i = 0; i < w->ncores; i++) {
		if (load_client_turned_us(w->client[i]) < w->late_us)
			return false;
	}
	return true;
}

bool
watch_second(struct watch *w, struct load_result *r)
{
	const struct seconds_edge last = {.at_us = w->last.now_us,
	        .attempted = w->last.total.attempted,
	        .completed = w->last.total.completed,
	        .open = w->last.total.open};
	struct load_second all;
	struct watch_sample now;
	bool told;

	w->late_us = 0;
	sample_cores(w, &now);
	if (now.now_us <= w->last.now_us)
		return true;
	describe_row(w, &now, &all);
	told = seconds_add(r, w->begin_us, &last, &all, &now.halt);
	w->last = now;
	return told;
}

void
watch_window(struct watch *w, struct watch_sample *edge)
{
	sample_cores(w, edge);
}

/* Packets of connections and packets without one: ACKs in TIME-WAIT belong to a load, too. */
static uint64_t
lost_to_port(const struct counters *n)
{
	return n->drop[DROP_TX_FULL] + n->drop[DROP_TX_STRANGER];
}

/* The figures of the steady window so far. */
static void
fill_window(const struct watch *w, const struct watch_sample *now, struct load_result *r)
{
	const struct watch_sample *from = &w->window;
	const struct watch_sample *to = w->window_end.now_us != 0 ? &w->window_end : now;

	r->window_s = 0;
	if (from->now_us == 0)
		return;
	/* Clients count from the beginning of the window; `from` was sampled a little later. */
	r->window_s = (double)(to->now_us - w->begin_us) / 1e6 - r->spec.warmup_s;
	r->no_mbuf = to->count.drop[DROP_NO_MBUF] - from->count.drop[DROP_NO_MBUF];
	r->tx_full = lost_to_port(&to->count) - lost_to_port(&from->count);
	r->tx_packets = to->count.tx_packets - from->count.tx_packets;
	r->tx_waited = to->count.tx_waited - from->count.tx_waited;
	r->unresolved = to->count.drop[DROP_NEIGH_UNRESOLVED] -
	                from->count.drop[DROP_NEIGH_UNRESOLVED];
	for (unsigned i = 0; i < w->ncores; i++) {
		struct load_core *c = &r->core[i];
		uint64_t busy = to->busy_tsc[i] - from->busy_tsc[i];

		c->busy = core_busy_share(from, to, i);
		c->away = core_away_share(w, from, to, r->window_s, i);
		c->completed = to->completed[i] - from->completed[i];
		c->cycles_per_connection = c->completed != 0
		                                   ? (double)busy / (double)c->completed
		                                   : 0;
	}
}

void
watch_result(struct watch *w, struct load_result *r)
{
	struct watch_sample now;

	sample_cores(w, &now);
	r->total = now.total;
	r->ran_s = now.now_us > w->begin_us ? (double)(now.now_us - w->begin_us) / 1e6 : 0;
	r->retransmissions = now.count.segments_retransmitted -
	                     w->first.count.segments_retransmitted;
	r->handed_over = now.count.handed_over - w->first.count.handed_over;
	r->ncores = w->ncores;
	for (unsigned i = 0; i < w->ncores; i++) {
		struct engine_usage load;

		engine_usage(w->engine, i, &load);
		r->core[i] = (struct load_core) {.lcore = load.lcore};
	}
	fill_window(w, &now, r);
}
