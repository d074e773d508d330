/* SPDX-License-Identifier: BSD-3-Clause */
/* rubbish: a segment before it is parsed. Members that the parser must write are 0xa5.
 *
 * It is filled member by member: gcc 14.2 takes a pointer that is stored into a struct behind a
 * memset() of it for lost, and drops the writes through it.
 */
#ifndef TESTS_WIRE_RUBBISH_H
#define TESTS_WIRE_RUBBISH_H

#include "wire/seg.h"

#define RUBBISH_16  0xa5a5
#define RUBBISH_32  0xa5a5a5a5u
#define RUBBISH_PTR ((void *)(uintptr_t)0xa5a5a5a5a5a5a5a5)

static inline struct seg
seg_rubbish(void)
{
	return (struct seg) {
	        .key = {RUBBISH_32, RUBBISH_32, RUBBISH_16, RUBBISH_16},
	        .hash = RUBBISH_32,
	        .seq = RUBBISH_32,
	        .ack = RUBBISH_32,
	        .wnd = RUBBISH_16,
	        .flags = 0xa5,
	        .kind = 0xa5,
	        .len = RUBBISH_32,
	        .text = RUBBISH_PTR,
	        .buf = RUBBISH_PTR,
	        .tsval = RUBBISH_32,
	        .tsecr = RUBBISH_32,
	        .mss = RUBBISH_16,
	        .wscale = 0xa5,
	        .opts = 0xa5,
	        .nsack = 0xa5,
	        .port = 0xa5,
	        .csum_ok = 0xa5,
	        .round = 0xa5,
	        .sack = RUBBISH_PTR,
	        .frame = RUBBISH_PTR,
	        .frame_len = RUBBISH_16,
	        .room = RUBBISH_16,
	        .l3 = RUBBISH_16,
	        .l4 = RUBBISH_16,
	        .ref = RUBBISH_32,
	};
}

#endif
