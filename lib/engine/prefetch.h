/* SPDX-License-Identifier: BSD-3-Clause */
/* prefetch: fetch a line that will be written.
 *
 * An answer is written over the packet that asked for it. If the line were fetched as shared,
 * the core would wait twice for a line that another core or the NIC has written: once to read
 * it, and once to own it. -march=corei7 makes __builtin_prefetch(p, 1) a plain prefetch. The
 * instruction is in every x86-64 CPU, as a no-op in the oldest.
 *
 * Threads    any. Memory: none. Errors: none. Bounds: none.
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
