/* SPDX-License-Identifier: BSD-3-Clause */
/* prf: a keyed pseudo-random function of one 16-byte block.
 *
 * It hashes flows, because a peer chooses its addresses and ports and could make an unkeyed
 * hash collide. It makes initial sequence numbers (RFC 6528), timestamp offsets (RFC 7323
 * 7.1), source ports and cookies, and derives keys. Each use has a key of its own.
 *
 * It is AES-128 if the CPU has AES (aes.h), and SipHash-2-4 otherwise. SipHash has 64 bits of
 * output: the upper half of the result is the hash of the block with a byte 1 behind it. The
 * choice is made once, with the key.
 *
 * Threads  a key is read-only after prf_init().
 * Memory   the caller's.
 * Errors   secret_fill() alone: -errno.
 */
#ifndef BASE_PRF_H
#define BASE_PRF_H

#include <stdbool.h>
#include <stdint.h>

struct prf_block {
	uint64_t lo, hi;
};

struct prf {
	uint8_t round_key[11][16] __attribute__((aligned(16))); /* AES-128 */
	uint64_t sip[2];
	bool aes;
};

/* Expand a 16-byte secret. */
void prf_init(struct prf *p, const uint8_t secret[16]);
/* As prf_init(), with the portable SipHash whatever the CPU has (tests). */
void prf_init_portable(struct prf *p, const uint8_t secret[16]);
struct prf_block prf_one(const struct prf *p, struct prf_block in);
/* One block under two keys, of the same kind: their rounds overlap. */
void prf_two(
        const struct prf *a, const struct prf *b, struct prf_block in, struct prf_block out[2]);
/* Many at once: AES rounds of eight blocks overlap. out may be in. */
void prf_burst(
        const struct prf *p, const struct prf_block *in, struct prf_block *out, unsigned n);

/* SipHash-2-4 of a message, as published: tests hold the portable path against it. */
uint64_t siphash24(const uint64_t key[2], const void *msg, unsigned len);

/* n bytes of the kernel's randomness; 0, or -errno (it fails closed). */
int secret_fill(void *p, unsigned n);

#endif
