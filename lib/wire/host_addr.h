/* SPDX-License-Identifier: BSD-3-Clause */
/* host_addr: can a host have this IPv4 address (RFC 1122 3.2.1.3)?
 *
 * Threads  pure functions.
 * Memory   the texts are constants.
 */
#ifndef WIRE_HOST_ADDR_H
#define WIRE_HOST_ADDR_H

#include <stddef.h>

#include "base/be.h"

/* Why no host can have the address, for a person; NULL: a host can. */
static inline const char *
host_addr_fault(be32 addr)
{
	uint32_t a = be32_to_cpu(addr);

	if (a >> 24 == 0)
		return "0.0.0.0/8 is reserved for `this network`";
	if (a >> 24 == 127)
		return "127.0.0.0/8 is loopback";
	if (a >> 28 == 14)
		return "224.0.0.0/4 is multicast";
	return a == UINT32_MAX ? "255.255.255.255 is the broadcast address" : NULL;
}

#endif
