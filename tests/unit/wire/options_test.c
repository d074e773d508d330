/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP options: reading and writing them. */
#include <criterion/criterion.h>

#include "frames.h"
#include "wire/options.h"

#define BYTES(...) ((const uint8_t[]) {__VA_ARGS__}), sizeof((const uint8_t[]) {__VA_ARGS__})

/* Parsed from an allocation of exactly its size. */
static struct seg
parsed(uint8_t flags, const uint8_t *p, unsigned len)
{
	static uint8_t *copy;
	struct seg s = seg_rubbish();

	s.flags = flags;
	free(copy);
	copy = malloc(len > 0 ? len : 1);
	memcpy(copy, p, len);
	options_parse(copy, len, &s);
	return s;
}

#define expect_written(opts, ...)                          \
	do {                                               \
		const uint8_t want[] = {__VA_ARGS__};      \
		uint8_t got[TCP_OPTS_MAX];                 \
		unsigned n = options_write(got, opts);     \
		cr_assert_eq(n, sizeof(want));             \
		cr_expect_arr_eq(got, want, sizeof(want)); \
		cr_expect_eq(options_size(opts), n);       \
	} while (0)

Test(options_parse, none_leaves_nothing_of_the_last_segment)
{
	struct seg s = parsed(TCP_SYN, (const uint8_t *)"", 0);

	cr_expect_eq(s.opts, 0);
	cr_expect_eq(s.mss, 0);
	cr_expect_eq(s.wscale, 0);
	cr_expect_eq(s.tsval, 0u);
	cr_expect_eq(s.tsecr, 0u);
	cr_expect_eq(s.nsack, 0);
	cr_expect_null(s.sack);
}

Test(options_parse, syn_offers_all)
{
	struct seg s = parsed(TCP_SYN,
	        BYTES(2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7));

	cr_expect_eq(s.opts, SEG_OPT_MSS | SEG_OPT_SACK_OK | SEG_OPT_TS | SEG_OPT_WSCALE);
	cr_expect_eq(s.mss, 1460);
	cr_expect_eq(s.wscale, 7);
	cr_expect_eq(s.tsval, 9u);
}

/* RFC 9293 3.2 (MSS), RFC 7323 2.2, RFC 2018 2 */
Test(options_parse, offers_outside_a_syn_are_ignored)
{
	struct seg s = parsed(TCP_ACK,
	        BYTES(2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 1, 2, 3, 4, 1, 3, 3, 7));

	cr_expect_eq(s.opts, SEG_OPT_TS);
	cr_expect_eq(s.mss, 0);
	cr_expect_eq(s.wscale, 0);
	cr_expect_eq(s.tsval, 9u);
	cr_expect_eq(s.tsecr, 0x01020304u);
}

/* RFC 2018 3 */
Test(options_parse, sack_blocks_are_read_in_place)
{
	struct seg s = parsed(TCP_ACK,
	        BYTES(1, 1, 5, 18, 0, 0, 0, 10, 0, 0, 0, 20, 0xff, 0, 0, 0, 0xff, 0, 0, 1));

	cr_expect_eq(s.opts, SEG_OPT_SACK);
	cr_assert_eq(s.nsack, 2);
	cr_expect_eq(seg_sack_block(&s, 0).left, 10u);
	cr_expect_eq(seg_sack_block(&s, 0).right, 20u);
	cr_expect_eq(seg_sack_block(&s, 1).left, 0xff000000u);
	cr_expect_eq(seg_sack_block(&s, 1).right, 0xff000001u);
}

/* An MSS of 0 counts as no offer, as in Linux: no peer could keep to it. */
Test(options_parse, an_mss_of_0_is_none)
{
	cr_expect_eq(parsed(TCP_SYN, BYTES(2, 4, 0, 0)).opts, 0);
	cr_expect_eq(parsed(TCP_SYN, BYTES(2, 4, 0, 1)).opts, SEG_OPT_MSS);
}

Test(options_parse, the_last_of_a_repeated_option_holds)
{
	struct seg s = parsed(TCP_SYN, BYTES(2, 4, 1, 0, 2, 4, 2, 0, 3, 3, 1, 3, 3, 2));

	cr_expect_eq(s.mss, 0x200);
	cr_expect_eq(s.wscale, 2);
}

/* RFC 9293 3.2, MUST-6 */
Test(options_parse, unknown_options_are_skipped)
{
	struct seg s = parsed(
	        TCP_SYN, BYTES(254, 4, 0xf9, 0x89, 30, 2, 0x45, 5, 1, 2, 3, 2, 4, 2, 0));

	cr_expect_eq(s.opts, SEG_OPT_MSS);
	cr_expect_eq(s.mss, 0x200);
}

Test(options_parse, nothing_counts_behind_the_end_of_the_list)
{
	cr_expect_eq(parsed(TCP_SYN, BYTES(1, 0, 2, 4, 2, 0)).opts, 0);
}

/* RFC 9293 3.2, MUST-7 */
Test(options_parse, impossible_lengths_end_the_list_and_what_stood_before_holds)
{
	static const struct {
		uint8_t b[8];
		unsigned len;
	} bad[] = {
	        {{2}, 1},     /* a kind without a length */
	        {{99, 0}, 2}, /* lengths that stand still */
	        {{99, 1}, 2},
	        {{2, 0, 1, 1}, 4},
	        {{2, 4, 5}, 3}, /* cut off */
	        {{8, 10, 0, 0}, 4},
	        {{99, 255, 0, 0}, 4},
	        {{2, 3, 5}, 3}, /* not of this kind */
	        {{2, 5, 5, 5, 5}, 5},
	        {{3, 2}, 2},
	        {{3, 4, 1, 1}, 4},
	        {{4, 3, 1}, 3},
	        {{5, 2}, 2},
	        {{5, 6, 0, 0, 0, 0}, 6},
	        {{8, 6, 1, 2, 3, 4}, 6},
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t list[32] = {3, 3, 9};
		struct seg s;

		memcpy(list + 3, bad[i].b, bad[i].len);
		s = parsed(TCP_SYN, list, 3 + bad[i].len);
		cr_expect_eq(s.opts, SEG_OPT_WSCALE, "case %u: %x", i, s.opts);
		cr_expect_eq(s.wscale, 9);

		/* A well-formed option behind it is not reached. */
		if (bad[i].len < 2 || bad[i].b[1] > bad[i].len)
			continue;
		memcpy(list + 3 + bad[i].len, (uint8_t[]) {2, 4, 2, 0}, 4);
		s = parsed(TCP_SYN, list, 7 + bad[i].len);
		cr_expect_eq(s.opts, SEG_OPT_WSCALE, "case %u: %x", i, s.opts);
	}
}

Test(options_parse, every_length_of_sack_blocks)
{
	for (unsigned len = 2; len <= 40; len++) {
		uint8_t list[40] = {5, (uint8_t)len};
		struct seg s = parsed(TCP_ACK, list, len);
		bool fits = len > 2 && (len - 2) % 8 == 0;

		cr_expect_eq(s.opts, fits ? SEG_OPT_SACK : 0, "%u", len);
		cr_expect_eq(s.nsack, fits ? (len - 2) / 8 : 0, "%u", len);
	}
}

Test(options_write, nothing_takes_nothing)
{
	struct tcp_opts o = {.mss = 1460, .wscale = 3, .nsack = 2, .tsval = 1};

	cr_expect_eq(options_size(&o), 0u);
	cr_expect_eq(options_write(NULL, &o), 0u);
}

Test(options_write, syn_with_everything_is_twenty_bytes)
{
	struct tcp_opts o = {
	        .present = SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS,
	        .mss = 1460,
	        .wscale = 7,
	        .tsval = 0x01020304,
	        .tsecr = 0x05060708,
	};

	expect_written(&o, 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7);
}

Test(options_write, each_alone_is_padded_to_four)
{
	expect_written((&(struct tcp_opts) {.present = SEG_OPT_MSS, .mss = 536}), 2, 4, 2, 24);
	expect_written(
	        (&(struct tcp_opts) {.present = SEG_OPT_WSCALE, .wscale = 14}), 1, 3, 3, 14);
	expect_written((&(struct tcp_opts) {.present = SEG_OPT_SACK_OK}), 1, 1, 4, 2);
	expect_written((&(struct tcp_opts) {.present = SEG_OPT_TS, .tsval = 1, .tsecr = 2}), 1,
	        1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2);
}

Test(options_write, sack_blocks_follow_timestamps_and_stop_at_forty)
{
	struct tcp_opts o = {.present = SEG_OPT_SACK,
	        .nsack = 4,
	        .sack = {{1, 2}, {3, 4}, {5, 6}, {7, 0x80000000}}};

	expect_written(&o, 1, 1, 5, 34, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0,
	        5, 0, 0, 0, 6, 0, 0, 0, 7, 0x80, 0, 0, 0);
	o.present |= SEG_OPT_TS;
	expect_written(&o, 1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, 26, 0, 0, 0, 1, 0, 0,
	        0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6);
	o.nsack = 0;
	expect_written(&o, 1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0);
}

/* Any options: the length is a multiple of 4 and at most 40, and the parser reads the options
 * that were written. */
Test(options_write, every_combination_reads_back)
{
	for (unsigned present = 0; present < 32; present++) {
		for (unsigned nsack = 0; nsack <= TCP_SACK_MAX; nsack++) {
			struct tcp_opts o = {.present = (uint8_t)present,
			        .nsack = (uint8_t)nsack,
			        .mss = 1200,
			        .wscale = 5,
			        .tsval = 77,
			        .tsecr = 88,
			        .sack = {{1, 2}, {3, 4}, {5, 6}, {7, 8}}};
			uint8_t b[TCP_OPTS_MAX];
			unsigned n = options_write(b, &o);
			struct seg s = parsed(TCP_SYN, b, n);
			unsigned want = nsack > 0 ? present : present & ~(unsigned)SEG_OPT_SACK;

			cr_assert_eq(n, options_size(&o));
			cr_assert(n % 4 == 0 && n <= TCP_OPTS_MAX);
			cr_expect_eq(s.opts, want, "%x: %x", present, s.opts);
			cr_expect_eq(s.mss, present & SEG_OPT_MSS ? 1200 : 0);
			cr_expect_eq(s.wscale, present & SEG_OPT_WSCALE ? 5 : 0);
			cr_expect_eq(s.tsval, present & SEG_OPT_TS ? 77u : 0u);
			cr_expect_eq(s.tsecr, present & SEG_OPT_TS ? 88u : 0u);
			for (unsigned i = 0; i < s.nsack; i++)
				cr_expect_eq(seg_sack_block(&s, i).right, o.sack[i].right);
		}
	}
}
