/* SPDX-License-Identifier: BSD-3-Clause */
/* timers: the start and the stop of a connection's timers. The protocol reports events, and
 * only timers.c decides which timer runs.
 *
 * A connection has one node on the wheel, armed no later than its earliest deadline. Putting a
 * deadline off therefore writes one field. A node that fires early is armed again.
 *
 * Threads    the connection's core.
 * Memory     none of its own: the node is in struct tcp_conn.
 * Errors     none.
 * Bounds     deadlines reach 2^30 ms ahead.
 * Calls back? no. May end the connection? no: expire.c handles timers that fire.
 */
#ifndef TCP_TIMERS_H
#define TCP_TIMERS_H

#include "tcp/tcp.h"

void tcp_timers_syn_sent(struct tcp *t, struct tcp_conn *c); /* a SYN or SYN-ACK was sent */
void tcp_timers_established(struct tcp *t, struct tcp_conn *c);
void tcp_timers_data_sent(struct tcp *t, struct tcp_conn *c);     /* RFC 6298 5.1 */
void tcp_timers_all_acked(struct tcp *t, struct tcp_conn *c);     /* RFC 6298 5.2 */
void tcp_timers_some_acked(struct tcp *t, struct tcp_conn *c);    /* RFC 6298 5.3 */
void tcp_timers_window_closed(struct tcp *t, struct tcp_conn *c); /* RFC 9293 3.8.6.1 */
void tcp_timers_window_opened(struct tcp *t, struct tcp_conn *c);
/* Set the application's deadline, `ms` from now; 0: none. */
void tcp_timers_deadline(struct tcp *t, struct tcp_conn *c, uint32_t ms);
/* Set the idle timeout of the listener. The peer's progress puts it off. */
void tcp_timers_idle(struct tcp *t, struct tcp_conn *c, uint32_t ms);
/* Put the deadline off by `ms`, but to no more than `most_ms` from now. */
void tcp_timers_later(struct tcp *t, struct tcp_conn *c, uint32_t ms, uint32_t most_ms);
/* The application has left the connection. */
void tcp_timers_left(struct tcp *t, struct tcp_conn *c);
/* An orphan has reached FIN-WAIT-2. */
void tcp_timers_orphaned(struct tcp *t, struct tcp_conn *c);
/* The peer of an orphan has acknowledged `bytes`. */
void tcp_timers_orphan_acked(struct tcp *t, struct tcp_conn *c, uint32_t bytes);
/* Look at the reassembly queue in `ms` at the latest; ms < 32,768. */
void tcp_timers_look(struct tcp *t, struct tcp_conn *c, uint32_t ms);
/* The retransmission timer, or the persist timer, fires `ms` from now. */
void tcp_timers_again(struct tcp *t, struct tcp_conn *c, uint32_t ms);
uint32_t tcp_timers_persist_ms(const struct tcp *t, const struct tcp_conn *c);
/* Is the look of tcp_timers_look() due? After true it is not due again. */
bool tcp_timers_look_fired(struct tcp *t, struct tcp_conn *c);
/* The node has fired and was handled: arm it for the next deadline. */
void tcp_timers_rearm(struct tcp *t, struct tcp_conn *c);
void tcp_timers_stop(struct tcp *t, struct tcp_conn *c);

#endif
