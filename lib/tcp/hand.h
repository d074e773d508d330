/* SPDX-License-Identifier: BSD-3-Clause */
/* hand: the hand of pressure.h. It goes round the connection records as a clock does for pages.
 *
 * Threads    single writer.
 * Memory     none of its own: struct pressure has the position.
 * Errors     none.
 * Bounds     hand_allowance() says how many records a call may examine.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_HAND_H
#define TCP_HAND_H

#include "tcp/tcp.h"

#define HAND_AHEAD 8 /* records whose lines are fetched ahead */

/* The number of records that this call may examine. Calls of its kind have examined *spent
 * records in this millisecond; they may examine `most`. */
uint32_t hand_allowance(struct tcp *t, const uint32_t *spent, uint32_t most);
/* The record at the hand, which then advances. */
struct tcp_conn *hand_next(struct tcp *t);
/* Fetch the lines of the first records. */
void hand_prefetch(const struct tcp *t, uint32_t n);

#endif
