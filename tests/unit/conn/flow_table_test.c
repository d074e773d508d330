/* SPDX-License-Identifier: BSD-3-Clause */
/* The flow table: insert, look-up, removal, overflow chains. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "conn/flow_table.h"

static uint64_t
rnd(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s * UINT64_C(0x2545f4914f6cdd1d) >> 32;
}

static bool
offers(const struct flow_table *t, uint32_t hash, uint32_t ref)
{
	struct flow_cursor at;

	for (uint32_t r = flow_table_first(t, hash, &at); r != FLOW_NONE;
	        r = flow_table_next(t, &at))
		if (r == ref)
			return true;
	return false;
}

static unsigned
count_offers(const struct flow_table *t, uint32_t hash)
{
	struct flow_cursor at;
	unsigned n = 0;

	for (uint32_t r = flow_table_first(t, hash, &at); r != FLOW_NONE;
	        r = flow_table_next(t, &at))
		n++;
	return n;
}

static struct flow_table
table_for(uint32_t entries)
{
	struct flow_table t;

	cr_assert_eq(flow_table_create(&t, entries, -1), 0);
	return t;
}

Test(flow_table, empty_offers_nothing)
{
	struct flow_table t = table_for(100);

	cr_expect_eq(count_offers(&t, 0), 0);
	cr_expect_eq(count_offers(&t, UINT32_MAX), 0);
	flow_table_destroy(&t);
}

Test(flow_table, inserted_is_offered_until_removed)
{
	struct flow_table t = table_for(100);

	cr_assert_eq(flow_table_insert(&t, 0xcafe1234, 7), 0);
	cr_expect(offers(&t, 0xcafe1234, 7));
	cr_expect_eq(count_offers(&t, 0xcafe1235), 0);
	cr_expect_eq(t.used, 1);
	flow_table_remove(&t, 0xcafe1234, 7);
	cr_expect_eq(count_offers(&t, 0xcafe1234), 0);
	cr_expect_eq(t.used, 0);
	flow_table_destroy(&t);
}

/* A signature of 0 would look like an empty way. */
Test(flow_table, signature_zero_is_kept_and_found)
{
	struct flow_table t = table_for(100);

	cr_assert_eq(flow_table_insert(&t, 0x12340000, 7), 0);
	cr_assert_eq(flow_table_insert(&t, 0x12340000, 8), 0);
	cr_expect(offers(&t, 0x12340000, 7));
	cr_expect(offers(&t, 0x12340000, 8));
	flow_table_remove(&t, 0x12340000, 7);
	cr_expect_not(offers(&t, 0x12340000, 7));
	cr_expect(offers(&t, 0x12340000, 8));
	flow_table_destroy(&t);
}

Test(flow_table, same_hash_different_references_are_all_offered_once)
{
	struct flow_table t = table_for(1000);

	for (uint32_t r = 0; r < 30; r++)
		cr_assert_eq(flow_table_insert(&t, 0xabcdef01, r), 0);
	for (uint32_t r = 0; r < 30; r++)
		cr_expect(offers(&t, 0xabcdef01, r));
	cr_expect_eq(count_offers(&t, 0xabcdef01), 30);
	flow_table_remove(&t, 0xabcdef01, 13);
	cr_expect_not(offers(&t, 0xabcdef01, 13));
	cr_expect_eq(count_offers(&t, 0xabcdef01), 29);
	flow_table_destroy(&t);
}

Test(flow_table, replace_rewrites_one_reference)
{
	struct flow_table t = table_for(1000);

	for (uint32_t r = 0; r < 20; r++)
		cr_assert_eq(flow_table_insert(&t, 0x11112222, r), 0);
	flow_table_replace(&t, 0x11112222, 17, 900);
	cr_expect_not(offers(&t, 0x11112222, 17));
	cr_expect(offers(&t, 0x11112222, 900));
	cr_expect_eq(count_offers(&t, 0x11112222), 20);
	cr_expect_eq(t.used, 20);
	flow_table_destroy(&t);
}

/* Hashes that differ in the signature alone share a bucket: an attacker with the key would send
 * them. */
Test(flow_table, one_bucket_takes_the_whole_overflow_and_gives_it_back)
{
	struct flow_table t = table_for(1000);
	uint32_t n = 0;

	while (flow_table_insert(&t, 0x80000000u | n * 31 % 65536, n) == 0)
		n++;
	cr_expect_eq(n, (1 + t.noverflow) * FLOW_WAYS);
	cr_expect_eq(t.used_overflow, t.noverflow);
	for (uint32_t r = 0; r < n; r++)
		cr_assert(offers(&t, 0x80000000u | r * 31 % 65536, r), "%u lost", r);
	/* Another bucket is not hurt. */
	cr_assert_eq(flow_table_insert(&t, 0x10000001, 7), 0);
	cr_expect(offers(&t, 0x10000001, 7));
	flow_table_remove(&t, 0x10000001, 7);

	for (uint32_t r = 0; r < n; r++) {
		uint32_t left = n - r - 1;
		uint32_t chain = left <= FLOW_WAYS ? 0 : (left - 1) / FLOW_WAYS;

		flow_table_remove(&t, 0x80000000u | r * 31 % 65536, r);
		cr_assert_eq(t.used_overflow, chain, "%u left", left);
		if (left)
			cr_assert(offers(&t, 0x80000000u | (n - 1) * 31 % 65536, n - 1));
	}
	cr_expect_eq(t.used, 0);
	flow_table_destroy(&t);
}

Test(flow_table, full_refuses_and_loses_nothing)
{
	struct flow_table t = table_for(200);
	uint32_t n = 0, *hash = calloc(10000, sizeof(*hash));
	uint64_t s = 88172645463325252u;

	for (;; n++) {
		hash[n] = (uint32_t)rnd(&s);
		if (flow_table_insert(&t, hash[n], n) == -ENOSPC)
			break;
		cr_assert_lt(n, 9999);
	}
	cr_expect_geq(n, 200);
	cr_expect_eq(t.used, n);
	for (uint32_t r = 0; r < n; r++)
		cr_assert(offers(&t, hash[r], r), "%u of %u lost", r, n);
	flow_table_remove(&t, hash[n / 2], n / 2);
	cr_expect_eq(flow_table_insert(&t, hash[n / 2], n / 2), 0);
	free(hash);
	flow_table_destroy(&t);
}

/* The promise of flow_table_create(), for small tables and large. */
Test(flow_table, room_for_all_entries_within_the_budget_of_memory)
{
	static const uint32_t sizes[] = {1, 8, 100, 1000, 4096, 65536, 300000};
	uint64_t s = 0x1234567812345678u;

	for (unsigned k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		for (unsigned again = 0; again < (sizes[k] < 10000 ? 50 : 1); again++) {
			struct flow_table t = table_for(sizes[k]);

			for (uint32_t r = 0; r < sizes[k]; r++)
				cr_assert_eq(flow_table_insert(&t, (uint32_t)rnd(&s), r), 0,
				        "%u of %u", r, sizes[k]);
			if (sizes[k] >= 1000)
				cr_expect_leq(t.bytes, sizes[k] * UINT64_C(16));
			flow_table_destroy(&t);
		}
	}
}

Test(flow_table, impossible_sizes_are_refused)
{
	struct flow_table t;

	cr_expect_eq(flow_table_create(&t, 0, -1), -EINVAL);
	cr_expect_eq(flow_table_create(&t, UINT32_MAX, -1), -EINVAL);
}

/* The model: which hash, if any, each reference stands under. */
static void
against_model(uint64_t seed, uint32_t buckets_used, uint32_t signatures)
{
	enum { N = 600 };
	struct flow_table t = table_for(N);
	uint32_t hash[N] = {0};
	bool in[N] = {0};
	uint64_t s = seed;
	uint32_t used = 0;

	for (unsigned step = 0; step < 60000; step++) {
		uint32_t r = (uint32_t)(rnd(&s) % N), other = (uint32_t)(rnd(&s) % N);

		if (in[r] && !in[other] && rnd(&s) % 4 == 0) {
			flow_table_replace(&t, hash[r], r, other);
			hash[other] = hash[r];
			in[r] = false;
			in[other] = true;
		} else if (in[r]) {
			flow_table_remove(&t, hash[r], r);
			in[r] = false;
			used--;
		} else {
			hash[r] = (uint32_t)(rnd(&s) % buckets_used) *
			          (UINT32_MAX / buckets_used);
			hash[r] = (hash[r] & 0xffff0000) | (uint32_t)(rnd(&s) % signatures);
			in[r] = flow_table_insert(&t, hash[r], r) == 0;
			used += in[r];
		}
		cr_assert_eq(t.used, used);
		if (step % 64 == 0)
			for (uint32_t i = 0; i < N; i++)
				cr_assert_eq(offers(&t, hash[i], i), in[i], "%u", i);
	}
	for (uint32_t i = 0; i < N; i++)
		if (in[i])
			flow_table_remove(&t, hash[i], i);
	cr_expect_eq(t.used, 0);
	cr_expect_eq(t.used_overflow, 0);
	flow_table_destroy(&t);
}

Test(flow_table, random_operations_agree_with_a_naive_model)
{
	against_model(0x9e3779b97f4a7c15u, 65536, 65536);
	against_model(0x2545f4914f6cdd1du, 10, 65536); /* long chains */
	against_model(0xd1342543de82ef95u, 40, 3);     /* and few signatures */
}
