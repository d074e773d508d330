/* SPDX-License-Identifier: BSD-3-Clause */
/* clock_line: time from the TSC, corrected by the kernel's clock.
 *
 * Between two looks at the kernel's clock, time is a straight line over the TSC. A reader
 * first asks clock_line_due() whether a look is due. A look is also due after the TSC has run
 * back or far ahead, so no such leap is told as time.
 *
 * Rate       the rate of the kernel's monotonic clock in the last period. A rate that differs
 *            much counts once it was seen twice, so that one leap of the TSC does not count.
 * Offset     removed gradually, by 2 % of the time at most. Time steps only if more than 20
 *            ms have passed that the TSC did not see (the machine was suspended), and only
 *            ahead. It never goes back.
 * Day        the difference between the time of day and this clock. A change of the
 *            machine's clock changes that difference, and moves no timer.
 * Threads    each has its own.
 * Memory     the caller's.
 * Record     docs/decisions/0018-monotonic-clock-and-time-of-day.md
 */
#ifndef BASE_CLOCK_LINE_H
#define BASE_CLOCK_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define NS_PER_MICROSECOND 1000u
#define NS_PER_SECOND      UINT64_C(1000000000)

/* Three clocks at the same moment. */
struct clock_look {
	uint64_t tsc;
	uint64_t kernel_ns; /* CLOCK_MONOTONIC: never set, and at NTP's rate */
	uint64_t day_ns;    /* CLOCK_REALTIME */
};

struct clock_line {
	uint64_t tsc; /* TSC of the last look, at which the line begins */
	uint64_t ns;  /* time of the last look */
	/* Nanoseconds per cycle in units of 2^-48: `slew` for the first slew_tsc cycles,
	 * `rate` from there on. */
	uint64_t slew;
	uint64_t rate;
	uint64_t slew_tsc;

	uint64_t period_tsc; /* cycles from one look to the next */
	uint64_t kernel_ns;  /* at the last look */
	uint64_t origin_ns; /* the kernel's clock plus this is the time that ours should show */
	uint64_t period_ns;
	uint64_t other_rate; /* a different rate that was seen once; 0: none */
	bool sure;           /* the rate has been measured */
	int64_t ahead_ns;    /* the time of day less ours */
	int64_t error_ns; /* ours less the time that it should have shown, at the last look */
};

/* Time begins as the time of day. hz: a guess of the rate of the TSC. */
void clock_line_init(struct clock_line *l, const struct clock_look *now, uint64_t hz);

/* Is a look due? told_tsc: the TSC that was read last. */
static inline bool
clock_line_due(const struct clock_line *l, uint64_t tsc, uint64_t told_tsc)
{
	return tsc - l->tsc >= l->period_tsc || tsc < told_tsc;
}

/* Begin a new line at this look. floor_ns: the last time that was told; the line does not
 * begin before it. */
void clock_line_look(struct clock_line *l, const struct clock_look *now, uint64_t floor_ns);

static inline uint64_t
clock_line_span(uint64_t cycles, uint64_t rate)
{
	return (uint64_t)(((unsigned __int128)cycles * rate) >> 48);
}

/* A TSC from before the last look counts as of then. */
static inline uint64_t
clock_line_ns(const struct clock_line *l, uint64_t tsc)
{
	uint64_t cycles = tsc > l->tsc ? tsc - l->tsc : 0;

	if (cycles <= l->slew_tsc)
		return l->ns + clock_line_span(cycles, l->slew);
	return l->ns + clock_line_span(l->slew_tsc, l->slew) +
	       clock_line_span(cycles - l->slew_tsc, l->rate);
}

static inline struct clock
clock_line_at(const struct clock_line *l, uint64_t tsc)
{
	return clock_from_us(clock_line_ns(l, tsc) / NS_PER_MICROSECOND);
}

/* The time of day. */
static inline uint64_t
clock_line_day_ns(const struct clock_line *l, uint64_t tsc)
{
	return clock_line_ns(l, tsc) + (uint64_t)l->ahead_ns;
}

static inline int64_t
clock_line_ahead_us(const struct clock_line *l)
{
	return l->ahead_ns / NS_PER_MICROSECOND;
}

/* The TSC's, as measured. */
uint64_t clock_line_hz(const struct clock_line *l);

#endif
