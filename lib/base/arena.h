/* SPDX-License-Identifier: BSD-3-Clause */
/* arena: large tables, on the NUMA node of the core that will use them.
 *
 * Memory  zeroed; on 2 MB hugepages where the kernel grants them, else on
 *         transparent ones (madvise), else on small pages. All pages are
 *         touched at once: no page fault later. Rounded up to pages, and to
 *         whole hugepages only where that wastes no more than an eighth.
 * Node    a wish: a full node, or a container that forbids placement, gives
 *         memory from elsewhere. A node that does not exist is an error.
 * Errors  NULL, with errno set.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/* node: a NUMA node as libnuma numbers them, or -1 for the current core's. */
void *arena_alloc(size_t bytes, int node);
void arena_free(void *p, size_t bytes);

#endif
