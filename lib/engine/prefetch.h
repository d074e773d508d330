/* SPDX-License-Identifier: BSD-3-Clause */
/* prefetch: a line that will be written.
 *
 * An answer is written where the question stood. Asked for as shared, a line
 * that another core or the NIC has written would be waited for twice: to read
 * it, and then to own it. -march=corei7 makes __builtin_prefetch(p, 1) a plain
 * prefetch; the instruction is in every x86-64 CPU, as a no-op in the oldest.
 */
#ifndef ENGINE_PREFETCH_H
#define ENGINE_PREFETCH_H

static inline void
prefetch_own(const void *line)
{
#ifdef __x86_64__
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
#else
	__builtin_prefetch(line, 1);
#endif
}

#endif
