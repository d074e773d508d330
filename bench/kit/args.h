/* SPDX-License-Identifier: BSD-3-Clause */
/* args: what the benchmarks on two cores read from their command lines, and from
 * the machine. */
#ifndef BENCH_ARGS_H
#define BENCH_ARGS_H

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* False, and it has been said on stderr. */
static inline bool
args_number(const char *text, double least, double most, double *out)
{
	char *end;

	*out = strtod(text, &end);
	if (end != text && *end == '\0' && *out >= least && *out <= most)
		return true;
	fprintf(stderr, "'%s': expected a number from %g to %g\n", text, least, most);
	return false;
}

/* The same, without its fraction. */
static inline bool
args_count(const char *text, double least, double most, unsigned *out)
{
	double v;

	if (!args_number(text, least, most, &v))
		return false;
	*out = (unsigned)v;
	return true;
}

/* The first two CPUs that this process may use; false: there is one. */
static inline bool
args_two_cpus(unsigned *a, unsigned *b)
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

#endif
