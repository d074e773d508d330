/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that is mapped on a NUMA node, with hugepages where they help. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "emulated.h"

#define MB ((size_t)1 << 20)

static size_t
resident_pages(void *p, size_t bytes)
{
	size_t page = (size_t)getpagesize(), pages = (bytes + page - 1) / page, n = 0;
	unsigned char *in = malloc(pages);

	cr_assert_eq(mincore(p, pages * page, in), 0);
	for (size_t i = 0; i < pages; i++)
		n += in[i] & 1;
	free(in);
	return n;
}

static size_t
address_space_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	size_t pages = 0;

	cr_assert_eq(fscanf(f, "%zu", &pages), 1);
	fclose(f);
	return pages * (size_t)getpagesize();
}

static const size_t SIZES[] = {
        1, 100, 4096, 4097, 65536, 1900000, 2 * MB, 2 * MB + 1, 5 * MB, 31 * MB, 32 * MB};

Test(arena, memory_is_zeroed_writable_and_present)
{
	skip_if_emulated("it says yes to every madvise(), and does nothing");
	for (unsigned i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
		size_t n = SIZES[i];
		uint8_t *p = arena_alloc(n, -1);

		cr_assert_not_null(p, "%zu bytes", n);
		cr_expect_eq((uintptr_t)p % (size_t)getpagesize(), 0u);
		cr_expect_eq(resident_pages(p, n),
		        (n + (size_t)getpagesize() - 1) / (size_t)getpagesize());
		for (size_t k = 0; k < n; k++)
			if (p[k] != 0)
				cr_assert_fail("byte %zu of %zu", k, n);
		memset(p, 0xa5, n);
		arena_free(p, n);
	}
}

/* A table of many megabytes may have hugepages. */
Test(arena, big_memory_is_aligned_to_a_hugepage)
{
	for (unsigned i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
		void *p = arena_alloc(SIZES[i], -1);

		if (SIZES[i] >= 2 * MB)
			cr_expect_eq((uintptr_t)p % (2 * MB), 0u, "%zu bytes", SIZES[i]);
		arena_free(p, SIZES[i]);
	}
}

Test(arena, free_gives_all_of_it_back)
{
	size_t before, after;

	skip_if_emulated("/proc/self/statm is its own");
	arena_free(arena_alloc(3 * MB, -1), 3 * MB); /* libnuma's own start-up */
	before = address_space_bytes();
	for (unsigned i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++)
		arena_free(arena_alloc(SIZES[i], -1), SIZES[i]);
	after = address_space_bytes();

	cr_expect_lt(after, before + MB, "%zu bytes became %zu", before, after);
}

Test(arena, small_memory_takes_small_pages)
{
	size_t before, after;
	void *p[64];

	skip_if_emulated("/proc/self/statm is its own");
	arena_free(arena_alloc(4096, -1), 4096);
	before = address_space_bytes();
	for (unsigned i = 0; i < 64; i++)
		p[i] = arena_alloc(10000, -1);
	after = address_space_bytes();
	for (unsigned i = 0; i < 64; i++)
		arena_free(p[i], 10000);

	cr_expect_leq(after - before, 2 * MB);
}

Test(arena, takes_a_node_by_number)
{
	void *p = arena_alloc(3 * MB, 0);

	cr_assert_not_null(p);
	arena_free(p, 3 * MB);
}

Test(arena, impossible_requests_fail_with_errno)
{
	errno = 0;
	cr_expect_null(arena_alloc(0, -1));
	cr_expect_eq(errno, EINVAL);
	errno = 0;
	cr_expect_null(arena_alloc(SIZE_MAX, -1));
	cr_expect_eq(errno, ENOMEM);
	errno = 0;
	cr_expect_null(arena_alloc((size_t)1 << 50, -1));
	cr_expect_eq(errno, ENOMEM);
	arena_free(NULL, 4096);
}
