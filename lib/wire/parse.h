/* SPDX-License-Identifier: BSD-3-Clause */
/* parse: from the bytes of a frame to a struct seg.
 *
 * Threads     the functions have no state.
 * Memory      nothing is allocated; pointers in struct seg point into the frame.
 * Errors      the return value is the reason of a drop.
 * Robustness  every length is checked before it is used. Bytes behind the IP datagram
 *             (Ethernet padding) are cut off. No byte of the frame is written.
 * Checks      Ethernet type; ARP shape; IPv4 version, header and total length,
 *             checksum, fragments; TCP data offset, ports, checksum; ICMP size
 *             and checksum. IPv4 options are skipped. The stack checks addresses.
 */
#ifndef WIRE_PARSE_H
#define WIRE_PARSE_H

#include <stdbool.h>

#include "base/drop.h"
#include "wire/seg.h"

/* In: s->frame, s->frame_len, s->csum_ok. Out: all members but hash, ref, buf, port, room and
 * round. On a drop s->kind is SEG_NONE. */
enum drop parse_frame(struct seg *s);

/* After parse_frame() returned why: is s whole, but of a kind that is not served? Then s
 * becomes SEG_OTHER, and the stack counts the drop if no application takes it. */
static inline bool
parse_other(struct seg *s, enum drop why)
{
	if (why != DROP_ETH_TYPE && why != DROP_IP_PROTOCOL)
		return false;
	s->kind = SEG_OTHER;
	s->ref = why;
	return true;
}

#endif
