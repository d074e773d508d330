/* SPDX-License-Identifier: BSD-3-Clause */
/* cycles: the CPU's time stamp, and fences around what is measured.
 *
 * Unit     x86: the TSC. arm64: the virtual counter, at some 25 MHz to 1 GHz, so a measured
 *          piece must be long. Elsewhere: nanoseconds. bench_tsc_hz() says which rate.
 * Threads  pure, but for the fences.
 */
#ifndef BENCH_CYCLES_H
#define BENCH_CYCLES_H

#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)

#include <x86intrin.h>

/* What comes before has been executed, what comes after has not begun. */
static inline void
cycles_fence(void)
{
	_mm_lfence();
}

static inline uint64_t
cycles_now(void)
{
	return __rdtsc();
}

/* Not before all that precedes it. */
static inline uint64_t
cycles_now_last(void)
{
	unsigned cpu;

	return __rdtscp(&cpu);
}

#elif defined(__aarch64__)

static inline void
cycles_fence(void)
{
	__asm__ volatile("dsb ld\n\tisb" ::: "memory");
}

static inline uint64_t
cycles_now(void)
{
	uint64_t now;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(now)::"memory");
	return now;
}

static inline uint64_t
cycles_now_last(void)
{
	cycles_fence();
	return cycles_now();
}

#else

static inline void
cycles_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline uint64_t
cycles_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline uint64_t
cycles_now_last(void)
{
	return cycles_now();
}

#endif

#endif
