/* SPDX-License-Identifier: BSD-3-Clause */
/* Large tables: hugepages, NUMA nodes, and pages that are faulted in at once. */
#include "base/arena.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define HUGE_BYTES ((size_t)2 << 20)

static size_t
round_up(size_t n, size_t to)
{
	return (n + to - 1) & ~(to - 1);
}

/* Whole hugepages are worth it if they waste no more than an eighth. */
static bool
fits_hugepages(size_t bytes)
{
	return round_up(bytes, HUGE_BYTES) - bytes <= bytes / 8;
}

/* The size of the mapping for an allocation of `bytes`. It depends on `bytes` alone, so
 * arena_free() needs no header in front of the memory. */
static size_t
mapped_size(size_t bytes)
{
	return round_up(bytes, fits_hugepages(bytes) ? HUGE_BYTES : (size_t)getpagesize());
}

/* Set the node for pages that are not yet there. It is a wish: if the node is full, or a
 * container's seccomp filter forbids mbind, memory from elsewhere is better than none. */
static void
prefer_node(void *p, size_t size, int node)
{
	struct bitmask *mask;

	if (numa_available() < 0)
		return;
	if (node < 0)
		node = numa_node_of_cpu(sched_getcpu());
	if (node < 0 || (mask = numa_allocate_nodemask()) == NULL)
		return;
	numa_bitmask_setbit(mask, (unsigned)node);
	(void)mbind(p, size, MPOL_PREFERRED, mask->maskp, mask->size + 1, 0);
	numa_free_nodemask(mask);
}

/* Fault every page in. The kernel does it in one call and reports failure;
 * a hugepage that a cgroup forbids would be a SIGBUS if we wrote to it. */
static int
fault_in(void *p, size_t size)
{
	size_t step = (size_t)getpagesize();

	if (madvise(p, size, MADV_POPULATE_WRITE) == 0)
		return 0;
	if (errno != EINVAL) {
		errno = ENOMEM;
		return -1;
	}
	for (size_t at = 0; at < size; at += step)
		((volatile uint8_t *)p)[at] = 0;
	return 0;
}

static void *
map_hugepages(size_t size, int node)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	prefer_node(p, size, node);
	if (fault_in(p, size) == 0)
		return p;
	munmap(p, size);
	return NULL;
}

/* Ordinary pages, at an address where transparent hugepages can form. */
static void *
map_aligned(size_t size, size_t align)
{
	size_t front, more = align > (size_t)getpagesize() ? align : 0;
	uint8_t *p;

	p = mmap(NULL, size + more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (more == 0)
		return p;
	front = round_up((uintptr_t)p, align) - (uintptr_t)p;
	if (front > 0)
		munmap(p, front);
	if (front < more)
		munmap(p + front + size, more - front);
	return p + front;
}

static void *
map_pages(size_t size, int node)
{
	bool big = size >= HUGE_BYTES;
	void *p = map_aligned(size, big ? HUGE_BYTES : (size_t)getpagesize());

	if (p == NULL)
		return NULL;
	if (big)
		(void)madvise(p, size, MADV_HUGEPAGE);
	prefer_node(p, size, node);
	if (fault_in(p, size) == 0)
		return p;
	munmap(p, size);
	errno = ENOMEM;
	return NULL;
}

void *
arena_alloc(size_t bytes, int node)
{
	void *p = NULL;
	size_t size;

	if (bytes == 0 || (numa_available() >= 0 && node > numa_max_node())) {
		errno = EINVAL;
		return NULL;
	}
	if (bytes > SIZE_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	size = mapped_size(bytes);
	if (fits_hugepages(bytes))
		p = map_hugepages(size, node);
	return p != NULL ? p : map_pages(size, node);
}

void
arena_free(void *p, size_t bytes)
{
	if (p != NULL)
		munmap(p, mapped_size(bytes));
}
