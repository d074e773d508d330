/* SPDX-License-Identifier: BSD-3-Clause */
/* checksum: the Internet checksum (RFC 1071), summed 64 bits or more at a time.
 *
 * A sum is a partial result that may be carried on; checksum_fold() ends it. Sums are
 * of the bytes as they lie in memory, so a folded sum is stored without a swap.
 */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/headers.h"

/* sum + the bytes of p; p of any alignment and length. A buffer may be summed
 * in pieces if every piece but the last has an even length. */
uint64_t checksum_add(uint64_t sum, const void *p, size_t len);
/* Copy, and sum what is copied in the same pass. */
uint64_t checksum_copy(uint64_t sum, void *dst, const void *src, size_t len);
/* To 16 bits, not complemented. */
uint16_t checksum_fold(uint64_t sum);

/* The pseudo-header's sum (RFC 9293 3.1). addrs: source and destination
 * address, 8 bytes as in the IPv4 header. len: header and payload. */
uint64_t checksum_pseudo(const void *addrs, uint8_t protocol, uint16_t len);

/* The header checksum that ip must carry; ip->checksum counts as 0. */
be16 checksum_ipv4(const struct ipv4_hdr *ip);

/* True if the TCP (ICMP) message of len bytes at l4 is sound. */
bool checksum_tcp_ok(const struct ipv4_hdr *ip, const void *l4, uint16_t len);
bool checksum_icmp_ok(const void *l4, uint16_t len);

#endif
