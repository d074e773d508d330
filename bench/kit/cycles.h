/* SPDX-License-Identifier: BSD-3-Clause */
/* cycles: the CPU's time stamp, and fences around what is measured.
 *
 * Threads  every function belongs to the calling thread, and shares nothing.
 * Memory   none.
 * Unit     x86: the TSC. arm64: the virtual counter, at some 25 MHz to 1 GHz, so a measured
 *          piece must be long. Elsewhere: nanoseconds. bench_tsc_hz() measures the rate.
 */
#ifndef BENCH_CYCLES_H
#define BENCH_CYCLES_H

#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)

#include <x86intrin.h>

/* All earlier instructions have been executed, and no later one has begun. */
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

/* Reads the clock after all earlier instructions have been executed. */
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
