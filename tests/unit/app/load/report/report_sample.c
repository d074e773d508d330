/* SPDX-License-Identifier: BSD-3-Clause */
/* A report to test with. */
#include "report_sample.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DURATIONS 20000u /* of each histogram */

static double
random_share(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(*state >> 33) / (double)(UINT64_C(1) << 31);
}

/* Mostly around `typical`, with a long tail. */
static void
fill_latency(struct histogram *h, double typical_us, uint64_t *state)
{
	for (unsigned i = 0; i < DURATIONS; i++) {
		double tail = pow(1 - random_share(state), -0.35);

		histogram_add(h, (uint64_t)(typical_us * tail * (1 + random_share(state) / 4)));
	}
}

static void
fill_tally(struct load_tally *t, const struct sample *s, unsigned all_s, uint64_t *state)
{
	t->window_completed = s->cps * s->seconds;
	t->window_requests = t->window_completed * s->requests;
	t->completed = t->window_completed + s->cps * (all_s - s->seconds) / 2;
	t->requests = t->completed * s->requests;
	t->connected = t->completed + 3;
	t->error[LOAD_ERROR_timeout] = s->cps == 0 ? 5000 : 3;
	t->error[LOAD_ERROR_refused] = s->cps == 0 ? 0 : 20;
	t->attempted = t->intended = t->completed + load_tally_errors(t);
	t->text_in = t->requests * 100;
	t->status[200 - STATUS_FIRST] = t->requests;
	if (s->cps == 0)
		return;
	fill_latency(&t->connect, 40, state);
	fill_latency(&t->first_byte, 95, state);
	fill_latency(&t->whole, 160, state);
	fill_latency(&t->request, 50, state);
	histogram_add_many(&t->lateness, 3, DURATIONS);
	histogram_add_many(&t->gaps, 2, (uint64_t)s->seconds * s->cores * 1000000);
	t->window_due = t->window_due_attempted = t->window_due_completed = t->window_completed;
}

static void
fill_second(struct load_second *at, unsigned i, unsigned warmup_s, const struct sample *s,
        uint64_t *state)
{
	double grown = i < warmup_s ? (i + 0.5) / warmup_s : 1;

	at->at_s = i + 1;
	at->for_s = 1;
	at->completed = (uint64_t)((double)s->cps * grown * (0.95 + random_share(state) / 10));
	at->errors = s->cps == 0 ? 800 : i % 7 == 0;
	at->attempted = at->completed + at->errors;
	at->open = 256;
	at->p50_us = 170;
	at->p99_us = 900;
	for (unsigned c = 0; c < s->cores; c++)
		at->busy[c] = (float)(grown *
		                      (0.45 + 0.5 * c / s->cores + random_share(state) / 20));
}

static void
fill_environment(struct load_result *r, const char *host)
{
	snprintf(r->version, sizeof(r->version), "0.1.0");
	snprintf(r->dpdk, sizeof(r->dpdk), "DPDK 22.11.7");
	snprintf(r->cpu, sizeof(r->cpu), "Some CPU @ 2.10GHz");
	snprintf(r->kernel, sizeof(r->kernel), "Linux 6.1.0");
	snprintf(r->host, sizeof(r->host), "%s", host);
	snprintf(r->driver, sizeof(r->driver), "net_ring");
	r->tsc_hz = 2100000000;
	r->csum_offload = true;
	r->started_unix = 1700000000;
}

static void
fill_spec(struct load_spec *spec, const struct sample *s, unsigned warmup_s)
{
	spec->url.kind = LOAD_HTTP;
	spec->url.addr = cpu_to_be32(0xc0000201);
	spec->url.port = cpu_to_be16(80);
	snprintf(spec->url.path, sizeof(spec->url.path), "/");
	spec->rate = s->rate;
	spec->concurrency = s->rate > 0 ? 0 : 256;
	spec->duration_s = s->seconds;
	spec->warmup_s = warmup_s;
	spec->requests = s->requests;
	spec->timeout_ms = 1000;
}

void *
sample_hold(void *p)
{
	static void *held[1024];
	static unsigned n;

	assert(n < sizeof(held) / sizeof(held[0]));
	return held[n++] = p;
}

void
sample_fill(struct load_result *r, const struct sample *s)
{
	unsigned warmup_s = s->seconds / 5, all_s = s->seconds + warmup_s;
	uint64_t state = s->seed;

	memset(r, 0, sizeof(*r));
	fill_spec(&r->spec, s, warmup_s);
	fill_tally(&r->total, s, all_s, &state);
	fill_environment(r, s->host);
	snprintf(r->id, sizeof(r->id), "%s-%u-%llu", s->host, s->seconds,
	        (unsigned long long)s->seed);
	r->window_s = s->seconds;
	r->ran_s = all_s + 0.04;
	r->retransmissions = 23;
	r->handed_over = 7;
	r->sources = 64000;
	r->max_conns = 100000;
	r->nseconds = all_s;
	r->second = sample_hold(calloc(all_s, sizeof(*r->second)));
	for (unsigned i = 0; i < all_s; i++)
		fill_second(&r->second[i], i, warmup_s, s, &state);
	r->ncores = s->cores;
	for (unsigned c = 0; c < s->cores; c++)
		r->core[c] = (struct load_core) {.lcore = c + 1,
		        .busy = 0.45 + 0.5 * c / s->cores,
		        .completed = r->total.window_completed / s->cores,
		        .cycles_per_connection = s->cps == 0 ? 0 : 1390.5 + c};
	load_judge(r);
}
