/* SPDX-License-Identifier: BSD-3-Clause */
/* clock: time is a parameter. The engine reads its clock once a turn and passes it down. A test
 * passes any time.
 *
 * Threads  pure functions.
 * Units    microseconds, milliseconds that wrap after 49 days, stamps of 65.5 ms.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define US_PER_MILLISECOND 1000u
#define US_PER_SECOND      1000000u
#define MS_PER_SECOND      1000u

/* One turn's time. ms is the wheel's tick and wraps after 49 days: compare it with
 * seq_lt() and the other functions of seq.h. A deadline counts from ms_up. From ms, which is
 * rounded down, it would come early. */
struct clock {
	uint64_t us;
	uint32_t ms;
	uint32_t ms_up; /* the first whole millisecond that is not before us */
};

/* A moment in 32 bits that is unambiguous for years, for anything that may wait that long. */
#define CLOCK_STAMP_SHIFT 16 /* 65.5 ms; wraps after 8.9 years */

static inline uint32_t
clock_stamp(struct clock c)
{
	return (uint32_t)(c.us >> CLOCK_STAMP_SHIFT);
}

/* How long ago a stamp was made, rounded to 65.5 ms. */
static inline uint64_t
clock_stamp_age_ms(struct clock c, uint32_t stamp)
{
	return ((uint64_t)(clock_stamp(c) - stamp) << CLOCK_STAMP_SHIFT) / US_PER_MILLISECOND;
}

static inline struct clock
clock_from_us(uint64_t us)
{
	uint64_t ms = us / US_PER_MILLISECOND;

	return (struct clock) {
	        .us = us,
	        .ms = (uint32_t)ms,
	        .ms_up = (uint32_t)ms + (ms * US_PER_MILLISECOND != us),
	};
}

#endif
