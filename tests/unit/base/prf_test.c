/* SPDX-License-Identifier: BSD-3-Clause */
/* The keyed function of flows: test vectors, bursts, and its secret. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/prf.h"

static const uint8_t COUNTING[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* The answer of the kernel to a request for random bytes. */
static struct kernel {
	int error;        /* it refuses, with this */
	unsigned signals; /* that come first */
	size_t at_once;   /* no more bytes than these; 0: all */
	size_t given;
} kernel;

/* This replaces the library's function, which may have no system call that could be refused
 * (glibc 2.41). */
ssize_t
getrandom(void *p, size_t n, unsigned flags)
{
	long got;

	if (kernel.error != 0 || kernel.signals > 0) {
		errno = kernel.error != 0 ? kernel.error : EINTR;
		kernel.signals -= kernel.signals > 0;
		return -1;
	}
	got = syscall(SYS_getrandom, p,
	        kernel.at_once != 0 && n > kernel.at_once ? kernel.at_once : n, flags);
	kernel.given += got > 0 ? (size_t)got : 0;
	return (ssize_t)got;
}

static struct prf_block
block(const uint8_t b[16])
{
	struct prf_block x;

	memcpy(&x, b, sizeof(x));
	return x;
}

static bool
same(struct prf_block a, struct prf_block b)
{
	return a.lo == b.lo && a.hi == b.hi;
}

/* FIPS 197, appendices B and C.1. */
Test(prf, aes_answers_the_standards_vectors)
{
	const uint8_t key_b[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
	        0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
	const uint8_t in_b[16] = {0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d, 0x31, 0x31,
	        0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34};
	const uint8_t out_b[16] = {0x39, 0x25, 0x84, 0x1d, 0x02, 0xdc, 0x09, 0xfb, 0xdc, 0x11,
	        0x85, 0x97, 0x19, 0x6a, 0x0b, 0x32};
	const uint8_t in_c[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99,
	        0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
	const uint8_t out_c[16] = {0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd,
	        0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a};
	struct prf p;

	prf_init(&p, key_b);
	if (!p.aes)
		cr_skip_test("this CPU has no AES");
	cr_expect(same(prf_one(&p, block(in_b)), block(out_b)));
	prf_init(&p, COUNTING);
	cr_expect(same(prf_one(&p, block(in_c)), block(out_c)));
}

/* "SipHash: a fast short-input PRF", appendix A, and the authors' vectors:
 * key 00..0f, messages of 0, 1, 2... bytes 00, 01, 02... */
Test(prf, siphash_answers_the_published_vectors)
{
	static const uint64_t want[] = {0x726fdb47dd0e0e31, 0x74f839c593dc67fd,
	        0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d,
	        0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462};
	uint64_t key[2];

	memcpy(key, COUNTING, sizeof(key));
	for (unsigned n = 0; n < sizeof(want) / sizeof(want[0]); n++)
		cr_expect_eq(siphash24(key, COUNTING, n), want[n], "length %u", n);
	cr_expect_eq(siphash24(key, COUNTING, 15), UINT64_C(0xa129ca6149be45e5));
}

/* The two halves are SipHash of the block, and of the block and a 1. */
Test(prf, portable_halves_are_siphash_of_different_messages)
{
	uint8_t msg[17] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 255, 254, 253, 252, 251, 250, 1};
	uint64_t key[2];
	struct prf_block out;
	struct prf p;

	memcpy(key, COUNTING, sizeof(key));
	prf_init_portable(&p, COUNTING);
	cr_assert_not(p.aes);
	out = prf_one(&p, block(msg));

	cr_expect_eq(out.lo, siphash24(key, msg, 16));
	cr_expect_eq(out.hi, siphash24(key, msg, 17));
	cr_expect_neq(out.lo, out.hi);
}

static void
check_bursts(const struct prf *p)
{
	struct prf_block in[40], out[41], in_place[40];

	for (unsigned i = 0; i < 40; i++)
		in[i] = (struct prf_block) {i * UINT64_C(0x9e3779b97f4a7c15), ~(uint64_t)i};
	for (unsigned n = 0; n <= 40; n++) {
		out[n] = (struct prf_block) {1, 2};
		memcpy(in_place, in, sizeof(in));
		prf_burst(p, in, out, n);
		prf_burst(p, in_place, in_place, n);

		for (unsigned i = 0; i < n; i++)
			cr_assert(same(out[i], prf_one(p, in[i])), "%u of %u", i, n);
		cr_assert_arr_eq(in_place, out, n * sizeof(*out));
		cr_assert(same(out[n], (struct prf_block) {1, 2}), "wrote behind %u", n);
		for (unsigned i = n; i < 40; i++)
			cr_assert(same(in_place[i], in[i]));
	}
}

Test(prf, burst_is_one_by_one_for_every_length)
{
	struct prf p;

	prf_init(&p, COUNTING);
	check_bursts(&p);
	prf_init_portable(&p, COUNTING);
	check_bursts(&p);
}

Test(prf, another_key_is_another_function)
{
	uint8_t other[16];
	struct prf p, q;

	memcpy(other, COUNTING, sizeof(other));
	other[15] ^= 1;
	prf_init(&p, COUNTING);
	prf_init(&q, other);
	cr_expect_not(same(prf_one(&p, block(other)), prf_one(&q, block(other))));
	prf_init_portable(&p, COUNTING);
	prf_init_portable(&q, other);
	cr_expect_not(same(prf_one(&p, block(other)), prf_one(&q, block(other))));
}

/* More than the 256 bytes that getrandom(2) promises to give at once. */
Test(secret, fills_all_of_it_and_nothing_else)
{
	static uint8_t a[4098], b[4096];
	unsigned zeros = 0, equal = 0;

	a[4097] = 0x5a;
	cr_assert_eq(secret_fill(a, 4097), 0);
	cr_assert_eq(secret_fill(b, 4096), 0);
	for (unsigned i = 0; i < 4096; i++) {
		zeros += a[i] == 0;
		equal += a[i] == b[i];
	}
	cr_expect_lt(zeros, 64u); /* 16 are expected */
	cr_expect_lt(equal, 64u);
	cr_expect_eq(a[4097], 0x5a);
}

Test(secret, goes_on_after_a_signal_and_half_an_answer)
{
	uint8_t a[16] = {0}, none[8] = {0};

	kernel = (struct kernel) {.signals = 2, .at_once = 5};
	cr_expect_eq(secret_fill(a, sizeof(a)), 0);
	cr_expect_eq(kernel.given, 16u);
	cr_expect_neq(memcmp(a + 8, none, 8), 0);
}

Test(secret, failure_is_an_errno)
{
	uint8_t a[16];

	kernel = (struct kernel) {.error = ENOSYS};
	cr_expect_eq(secret_fill(a, sizeof(a)), -ENOSYS);
}

Test(prf, two_keys_at_once_say_what_each_says_alone)
{
	struct prf a, b, portable;
	struct prf_block in = {.lo = 0x0123456789abcdef, .hi = 42}, out[2], one;

	prf_init(&a, (const uint8_t *)"the first secret");
	prf_init(&b, (const uint8_t *)"one more secret.");
	prf_init_portable(&portable, (const uint8_t *)"one more secret.");
	prf_two(&a, &b, in, out);
	one = prf_one(&a, in);
	cr_expect(out[0].lo == one.lo && out[0].hi == one.hi);
	one = prf_one(&b, in);
	cr_expect(out[1].lo == one.lo && out[1].hi == one.hi);
	prf_two(&a, &portable, in, out);
	one = prf_one(&portable, in);
	cr_expect(out[1].lo == one.lo && out[1].hi == one.hi);
}
