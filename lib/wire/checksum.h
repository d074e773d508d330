/* SPDX-License-Identifier: BSD-3-Clause */
/* checksum: the Internet checksum (RFC 1071), summed 64 bits or more at a time.
 *
 * A sum is a partial result, to which more may be added. checksum_fold() ends it. Bytes
 * are summed as they lie in memory, so a folded sum is stored without a swap.
 *
 * Threads  the functions have no state.
 * Memory   nothing is allocated.
 * Errors   none; the functions that verify return false for a wrong checksum.
 */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/headers.h"

/* The sum, with the bytes of p added; p has any alignment and length. A buffer may be
 * summed in pieces if every piece but the last has an even length. */
uint64_t checksum_add(uint64_t sum, const void *p, size_t len);
/* Copy, and add the copied bytes to the sum in the same pass. */
uint64_t checksum_copy(uint64_t sum, void *dst, const void *src, size_t len);
/* Fold a sum to 16 bits, without the complement. */
uint16_t checksum_fold(uint64_t sum);

/* The pseudo-header's sum (RFC 9293 3.1). addrs: source and destination
 * address, 8 bytes as in the IPv4 header. len: header and payload. */
uint64_t checksum_pseudo(const void *addrs, uint8_t protocol, uint16_t len);

/* The checksum of the header ip, in which ip->checksum counts as 0. */
be16 checksum_ipv4(const struct ipv4_hdr *ip);

/* True: the checksum of the TCP (ICMP) message of len bytes at l4 is right. */
bool checksum_tcp_ok(const struct ipv4_hdr *ip, const void *l4, uint16_t len);
bool checksum_icmp_ok(const void *l4, uint16_t len);

#endif
