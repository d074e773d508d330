/* SPDX-License-Identifier: BSD-3-Clause */
/* arena: large tables on the NUMA node of the core that uses them.
 *
 * Memory   zeroed; on 2 MB hugepages if the kernel grants them, else on transparent
 *          hugepages (madvise), else on small pages. All pages are faulted in at once, so
 *          that no page fault comes later. The size is rounded up to pages, and to whole
 *          hugepages if that wastes no more than an eighth.
 * Node     a wish. If the node is full, or a container forbids placement, the memory is
 *          from elsewhere. A node that does not exist is an error.
 * Threads  any.
 * Errors   NULL, with errno set.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/* node: a NUMA node as libnuma numbers them, or -1 for the current core's. */
void *arena_alloc(size_t bytes, int node);
void arena_free(void *p, size_t bytes);

#endif
