/* SPDX-License-Identifier: BSD-3-Clause */
/* cc: congestion control; windows in bytes. */
#ifndef TCP_CC_H
#define TCP_CC_H

#include "tcp/tcp.h"

void cc_init(struct tcp_conn *c);                                   /* RFC 6928 */
void cc_acked(struct tcp_conn *c, uint32_t bytes, uint32_t flight); /* RFC 5681 3.1 */
/* What was in flight did not fit the path, and goes again: no more at once than at the
 * beginning (RFC 1191 6.4). */
void cc_smaller_segments(struct tcp_conn *c);
void cc_timeout(struct tcp_conn *c, uint32_t flight);        /* RFC 5681 3.1 */
void cc_enter_recovery(struct tcp_conn *c, uint32_t flight); /* RFC 5681 3.2 (2), (3) */
/* RFC 5681 3.2 (4); in flight: what was when the loss was seen, and what was sent since */
void cc_duplicate(struct tcp_conn *c, uint32_t old, uint32_t fresh);
void cc_partial(struct tcp_conn *c, uint32_t bytes);         /* RFC 6582 3.2 (3), partial */
void cc_leave_recovery(struct tcp_conn *c, uint32_t flight); /* RFC 6582 3.2 (3), full */

/* What is in flight may be sent twice: until all of it is acknowledged, duplicate
 * ACKs start no recovery (RFC 6582 3.2 (2), (4)). `recover` would be ahead of SND.UNA for
 * two of each four GiB if it were compared for ever. */
static inline void
tcp_guard(struct tcp *t, struct tcp_conn *c)
{
	tcp_rare(t, c)->recover = c->snd_max;
	c->guarded = 1;
}

#endif
