/* SPDX-License-Identifier: BSD-3-Clause */
/* cpus: the CPUs that a bench may use.
 *
 * Threads  the main thread, before EAL starts.
 * Memory   none.
 */
#ifndef BENCH_CPUS_H
#define BENCH_CPUS_H

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>

#define BENCH_SKIPPED 77 /* exit code for meson: the bench cannot run here */

/* Finds the first two CPUs that this process may use. False: there is one, in *a. */
static inline bool
cpus_two(unsigned *a, unsigned *b)
{
	unsigned found = 0;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return false;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
		if (CPU_ISSET(cpu, &set))
			*(found++ == 0 ? a : b) = cpu;
	}
	return found == 2;
}

/* The same, with a message if there is only one. */
static inline bool
cpus_need_two(const char *program, unsigned *a, unsigned *b)
{
	if (cpus_two(a, b))
		return true;
	printf("%s needs two CPUs, one for each side; this process may use one\n", program);
	return false;
}

#endif
