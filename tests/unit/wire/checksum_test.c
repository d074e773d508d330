/* SPDX-License-Identifier: BSD-3-Clause */
/* The Internet checksum, against a naive one. */
#include <criterion/criterion.h>

#include "frames.h"
#include "wire/checksum.h"

#define LEN_MAX 2048

/* Fold, in the order of bytes of the naive sum. */
static unsigned
folded(uint64_t sum)
{
	return be16_to_cpu(checksum_fold(sum));
}

static void
fill(uint8_t *p, unsigned len, unsigned seed)
{
	srand(seed);
	for (unsigned i = 0; i < len; i++)
		p[i] = (uint8_t)(rand() >> 7);
}

Test(checksum, add_is_the_naive_sum_for_every_length_and_alignment)
{
	static uint8_t b[LEN_MAX + 8];

	fill(b, sizeof(b), 1);
	for (unsigned shift = 0; shift < 8; shift++)
		for (unsigned len = 0; len <= LEN_MAX; len++)
			cr_assert_eq(folded(checksum_add(0, b + shift, len)),
			        naive_sum(0, b + shift, len), "len %u at %u", len, shift);
}

Test(checksum, add_reads_nothing_outside)
{
	for (unsigned len = 0; len <= 300; len++) {
		uint8_t *p = malloc(len > 0 ? len : 1);

		fill(p, len, len);
		cr_assert_eq(folded(checksum_add(0, p, len)), naive_sum(0, p, len));
		free(p);
	}
}

/* The bytes with the most carries. */
Test(checksum, add_loses_no_carry)
{
	static uint8_t b[65536];

	memset(b, 0xff, sizeof(b));
	for (unsigned len = 1; len <= sizeof(b); len = len * 2 + 1)
		cr_expect_eq(folded(checksum_add(UINT64_MAX, b, len)),
		        naive_sum(0xffff, b, len), "%u", len);
	cr_expect_eq(folded(checksum_add(UINT64_MAX - 1, b, 65536)),
	        naive_sum(0xfeff, b, 65536)); /* the last byte of the carried sum */
}

Test(checksum, sums_carry_on_in_even_pieces)
{
	static uint8_t b[400];

	fill(b, sizeof(b), 2);
	for (unsigned cut = 0; cut <= 398; cut += 2) {
		uint64_t sum = checksum_add(checksum_add(0, b, cut), b + cut, 399 - cut);

		cr_assert_eq(folded(sum), naive_sum(0, b, 399));
	}
}

Test(checksum, copy_copies_and_sums_for_every_length_and_alignment)
{
	static uint8_t from[LEN_MAX + 8], to[LEN_MAX + 17];

	fill(from, sizeof(from), 3);
	for (unsigned shift = 0; shift < 8; shift++) {
		for (unsigned len = 0; len <= LEN_MAX; len += 1 + len / 200) {
			memset(to, 0x5c, sizeof(to));
			cr_assert_eq(
			        folded(checksum_copy(77, to + shift, from + 7 - shift, len)),
			        naive_sum(77 << 8, from + 7 - shift, len), "%u", len);
			cr_assert(memcmp(to + shift, from + 7 - shift, len) == 0, "%u", len);
			cr_assert_eq(to[shift + len], 0x5c, "wrote behind %u", len);
			cr_assert(shift == 0 || to[shift - 1] == 0x5c);
		}
	}
}

/* RFC 1071 3: 00 01 f2 03 f4 f5 f6 f7 sum to ddf2. */
Test(checksum, rfc_1071_example)
{
	const uint8_t b[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	cr_expect_eq(folded(checksum_add(0, b, 8)), 0xddf2);
}

Test(checksum, pseudo_header_is_addresses_protocol_and_length)
{
	const uint8_t ip[20] = {[9] = 6, [12] = 192, 168, 250, 251, 255, 254, 3, 4};

	cr_expect_eq(folded(checksum_pseudo(ip + 12, 6, 0xfedc)), naive_pseudo(ip, 0xfedc));
}

Test(checksum, ipv4_counts_its_own_field_as_zero)
{
	struct frame f = frame_tcp(.ip_opts = (uint8_t[]) {1, 1, 1, 0}, .ip_opts_len = 4);
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(f.b + 14);
	be16 right = ip->checksum;

	for (unsigned i = 0; i < 65536; i += 257) {
		ip->checksum = (be16)i;
		cr_assert_eq(checksum_ipv4(ip), right, "%u", i);
	}
}

Test(checksum, tcp_and_icmp_verify_and_notice_every_flipped_bit)
{
	struct frame t = frame_tcp(.seq = 7, .text = (const uint8_t *)"hello", .text_len = 5);
	struct frame e = frame_echo(NULL, 0, "odd", 3);
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)(t.b + 14);

	cr_expect(checksum_tcp_ok(ip, t.b + 34, 25));
	cr_expect(checksum_icmp_ok(e.b + 34, 11));
	for (unsigned bit = 0; bit < 25 * 8; bit++) {
		t.b[34 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_not(checksum_tcp_ok(ip, t.b + 34, 25));
		t.b[34 + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 11 * 8; bit++) {
		e.b[34 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_not(checksum_icmp_ok(e.b + 34, 11));
		e.b[34 + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}
