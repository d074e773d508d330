/* SPDX-License-Identifier: BSD-3-Clause */
/* limits: bounds that several parts of Handfast have in common, each of them once.
 *
 * A bound of a single file stands in that file. Where the width of a field or the size of a
 * table depends on a bound, a static assertion stands beside it.
 *
 * Threads  any: constants.
 * Memory   none.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define LIMIT_PORTS   32 /* ports of an engine */
#define LIMIT_WORKERS 64 /* workers of an engine */

#define LIMIT_CONNS      (1u << 28) /* connections of a core; as many half-open, in TIME-WAIT */
#define LIMIT_USERS      250        /* listeners and clients of a core */
#define LIMIT_SOURCES    32000      /* addresses that connections are opened from */
#define LIMIT_NEIGHBOURS (1u << 24) /* MACs that a core knows on the link of a port */

#define LIMIT_RETRIES    15         /* retransmissions of a segment */
#define LIMIT_TIMEOUT_MS (1u << 30) /* half of the clock's range: 12 days */

/* Packets that one call of the stack handles, and all that it does for them at once. */
#define LIMIT_BURST 64

#endif
