/* SPDX-License-Identifier: BSD-3-Clause */
/* The line from the TSC to time: rate, offset and day from each look. */
#include "base/clock_line.h"

#define RATE_SHIFT   48
#define FIRST_NS     (16 * UINT64_C(1000000)) /* the first period; each is twice as long, */
#define DOUBTFUL_NS  (64 * UINT64_C(1000000)) /* again from here where the rate is in doubt, */
#define LAST_NS      NS_PER_SECOND            /* up to this */
#define LEAP_NS      (20 * INT64_C(1000000))  /* more than any drift makes of a period */
#define SLEW_PART    50                       /* 2 % */
#define ALIKE_PART   1000                     /* 0.1 %: as one NTP and another differ */
#define GUESS_PART   10                       /* how wrong the guess at the start may be */
#define SMOOTH_SHIFT 2                        /* a quarter of what is new */

static uint64_t
rate_of(uint64_t ns, uint64_t cycles)
{
	return (uint64_t)(((unsigned __int128)ns << RATE_SHIFT) / cycles);
}

static bool
is_within(uint64_t a, uint64_t b, uint64_t part)
{
	uint64_t difference = a > b ? a - b : b - a;

	return difference <= b / part;
}

void
clock_line_init(struct clock_line *l, const struct clock_look *now, uint64_t hz)
{
	uint64_t rate = rate_of(NS_PER_SECOND, hz);

	*l = (struct clock_line) {
	        .tsc = now->tsc,
	        .ns = now->day_ns,
	        .slew = rate,
	        .rate = rate,
	        .period_ns = FIRST_NS,
	        .period_tsc = hz / (NS_PER_SECOND / FIRST_NS),
	        .kernel_ns = now->kernel_ns,
	        .origin_ns = now->day_ns - now->kernel_ns,
	};
}

uint64_t
clock_line_hz(const struct clock_line *l)
{
	return (uint64_t)(((unsigned __int128)NS_PER_SECOND << RATE_SHIFT) / l->rate);
}

/* The next period is longer if the rate was as expected. */
static void
next_period(struct clock_line *l, bool surprise)
{
	if (surprise)
		l->period_ns = DOUBTFUL_NS;
	else if (l->period_ns < LAST_NS / 2)
		l->period_ns *= 2;
	else
		l->period_ns = LAST_NS;
	l->period_tsc = (uint64_t)(((unsigned __int128)l->period_ns << RATE_SHIFT) / l->rate);
}

/* Returns false if the rate that was measured is not believed yet. */
static bool
learn_rate(struct clock_line *l, uint64_t rate)
{
	bool as_guessed = !l->sure && is_within(rate, l->rate, GUESS_PART);

	if (rate == 0) /* a leap by years would give this */
		return false;
	if (as_guessed || is_within(rate, l->other_rate, ALIKE_PART)) {
		l->rate = rate;
	} else if (l->sure && is_within(rate, l->rate, ALIKE_PART)) {
		l->rate += (uint64_t)((int64_t)(rate - l->rate) / (1 << SMOOTH_SHIFT));
	} else {
		l->other_rate = rate;
		return false;
	}
	l->other_rate = 0;
	l->sure = true;
	return true;
}

/* Choose the rate at which `off` is gone at the end of the period, or as much of it as the
 * limit allows. */
static void
slew(struct clock_line *l, int64_t off)
{
	int64_t most = (int64_t)(l->period_ns / SLEW_PART);

	off = off > most ? most : off < -most ? -most : off;
	l->slew_tsc = l->period_tsc;
	l->slew = rate_of((uint64_t)((int64_t)l->period_ns + off), l->period_tsc);
}

void
clock_line_look(struct clock_line *l, const struct clock_look *now, uint64_t floor_ns)
{
	uint64_t truth = now->kernel_ns + l->origin_ns, ours = clock_line_ns(l, now->tsc);
	bool went_on = now->tsc > l->tsc && now->kernel_ns > l->kernel_ns;
	bool known = went_on &&
	             learn_rate(l, rate_of(now->kernel_ns - l->kernel_ns, now->tsc - l->tsc));
	int64_t error = (int64_t)(ours - truth);

	if (!went_on || error > LEAP_NS || error < -LEAP_NS)
		ours = truth;
	if (ours < floor_ns)
		ours = floor_ns;
	l->error_ns = error;
	l->ns = ours;
	l->tsc = now->tsc;
	l->kernel_ns = now->kernel_ns;
	l->ahead_ns = (int64_t)(now->day_ns - truth);
	next_period(l, !known);
	slew(l, (int64_t)(truth - ours));
}
