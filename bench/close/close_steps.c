/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the steps of a connection's end, slice by slice. */
#include "close_steps.h"

#include <string.h>

#include "closer.h"

#define SLOTS        2048
#define TURN_CLOSES  256  /* connections that a turn closes */
#define SPARE        1024 /* records beyond the crowd's */
#define TIME_WAIT_US 61000000

struct steps {
	struct victim *victim;
	struct crowd *crowd;
	struct closer closer;
	uint32_t n;
	uint32_t slice;
	uint32_t *order;
	uint64_t random;
};

static bool
shuffle_order(struct steps *s)
{
	free(s->order);
	s->order = bench_permutation(s->n, &s->random);
	return s->order != NULL;
}

static bool
open_conns(struct steps *s, double *cycles)
{
	if (!shuffle_order(s))
		return false;
	*cycles = victim_cycles(crowd_open(s->crowd, s->order)) / s->n;
	return *cycles != 0 && shuffle_order(s);
}

/* False, with a message: something is left. */
static bool
is_stack_empty(struct steps *s, const char *after)
{
	struct stack_usage u = stack_usage(victim_worker(s->victim)->st);

	if (u.conns + u.time_wait + u.timers + u.send_queued + u.kept == 0)
		return true;
	fprintf(stderr,
	        "after %s are left: %u connections, %u TIME-WAITs, %u timers, %u queued, %u "
	        "kept\n",
	        after, u.conns, u.time_wait, u.timers, u.send_queued, u.kept);
	return false;
}

static const uint32_t *
slice_of(const struct steps *s, unsigned i)
{
	return s->order + (size_t)i * s->slice;
}

/* Returns the cycles for each connection of a slice. */
static double
say_slice(struct steps *s, const struct crowd_say *what, const uint32_t *who)
{
	return victim_cycles(crowd_say(s->crowd, what, who, s->slice)) / s->slice;
}

static bool
measure_passive(struct steps *s, struct close_steps *out)
{
	const struct crowd_say fin = {.flags = TCP_FIN | TCP_ACK};
	const struct crowd_say ack = {.flags = TCP_ACK, .sent = 1};
	double f[CLOSE_SLICES], a[CLOSE_SLICES], both[CLOSE_SLICES];

	if (!open_conns(s, &out->open_cycles))
		return false;
	for (unsigned i = 0; i < CLOSE_SLICES; i++) {
		const uint32_t *who = slice_of(s, i);

		f[i] = say_slice(s, &fin, who);
		a[i] = say_slice(s, &ack, who);
		both[i] = f[i] + a[i];
	}
	out->fin = bench_summary(f, CLOSE_SLICES);
	out->last_ack = bench_summary(a, CLOSE_SLICES);
	out->passive = bench_summary(both, CLOSE_SLICES);
	return is_stack_empty(s, "the peers' closing");
}

static bool
measure_resets(struct steps *s, struct close_steps *out)
{
	const struct crowd_say rst = {.flags = TCP_RST};
	double r[CLOSE_SLICES];
	double ignored;

	if (!open_conns(s, &ignored))
		return false;
	for (unsigned i = 0; i < CLOSE_SLICES; i++)
		r[i] = say_slice(s, &rst, slice_of(s, i));
	out->rst = bench_summary(r, CLOSE_SLICES);
	return is_stack_empty(s, "the resets");
}

static double
close_slice(struct steps *s, const uint32_t *who)
{
	uint64_t ns = 0;

	for (uint32_t at = 0; at < s->slice; at += TURN_CLOSES) {
		closer_close(&s->closer, who + at, TURN_CLOSES);
		ns += victim_turn(s->victim);
		crowd_listen(s->crowd);
	}
	return victim_cycles(ns) / s->slice;
}

/* Lets all TIME-WAITs expire at once. */
static void
expire_time_waits(struct steps *s, struct close_steps *out)
{
	struct stack *st = victim_worker(s->victim)->st;
	uint32_t n = stack_usage(st).time_wait;
	uint64_t ns = 0;

	victim_sleep(s->victim, TIME_WAIT_US);
	for (uint32_t i = 0; i < n && stack_usage(st).time_wait > 0; i++) {
		uint64_t turn = victim_turn(s->victim);

		ns += turn;
		if (turn > out->expiry_turn_ns)
			out->expiry_turn_ns = turn;
	}
	out->expiry = victim_cycles(ns) / (n > 0 ? n : 1);
}

static bool
measure_active(struct steps *s, struct close_steps *out)
{
	const struct crowd_say fin = {.flags = TCP_FIN | TCP_ACK};
	double ours[CLOSE_SLICES], theirs[CLOSE_SLICES], both[CLOSE_SLICES];
	double ignored;

	if (!open_conns(s, &ignored))
		return false;
	for (unsigned i = 0; i < CLOSE_SLICES; i++) {
		const uint32_t *who = slice_of(s, i);

		ours[i] = close_slice(s, who);
		theirs[i] = say_slice(s, &fin, who);
		both[i] = ours[i] + theirs[i];
	}
	out->our_fin = bench_summary(ours, CLOSE_SLICES);
	out->their_fin = bench_summary(theirs, CLOSE_SLICES);
	out->active = bench_summary(both, CLOSE_SLICES);
	expire_time_waits(s, out);
	return is_stack_empty(s, "our closing");
}

static bool
make_steps(struct steps *s, bool offload, bool timestamps)
{
	const struct victim_conf conf = {
	        .stack = {.max_conns = s->n + SPARE, .max_time_wait = s->n},
	        .offload = offload,
	        .rx_slots = SLOTS,
	        .tx_slots = SLOTS,
	};

	s->victim = victim_create(&conf);
	if (s->victim != NULL)
		s->crowd = crowd_create(s->victim, s->n, timestamps);
	return s->crowd != NULL && closer_init(&s->closer, s->victim, s->crowd);
}

bool
close_steps_measure(uint32_t n, bool offload, bool timestamps, struct close_steps *out)
{
	struct steps s = {.n = n, .slice = n / CLOSE_SLICES, .random = 1};
	bool ok;

	memset(out, 0, sizeof(*out));
	ok = make_steps(&s, offload, timestamps) && measure_passive(&s, out) &&
	     measure_resets(&s, out) && measure_active(&s, out);
	if (ok)
		out->retransmitted = counter_read(
		        &victim_worker(s.victim)->counters->segments_retransmitted);
	crowd_destroy(s.crowd);
	victim_destroy(s.victim);
	free(s.order);
	return ok;
}
