/* SPDX-License-Identifier: BSD-3-Clause */
/* timers: what starts and stops them. The protocol tells events; only
 * timers.c decides.
 *
 * A connection has one node on the wheel, armed no later than its earliest
 * deadline: putting a deadline off writes one field, and a node that fires
 * early is armed again.
 */
#ifndef TCP_TIMERS_H
#define TCP_TIMERS_H

#include "tcp/tcp.h"

void tcp_timers_syn_sent(struct tcp *t, struct tcp_conn *c); /* or a SYN-ACK */
void tcp_timers_established(struct tcp *t, struct tcp_conn *c);
void tcp_timers_data_sent(struct tcp *t, struct tcp_conn *c);     /* RFC 6298 5.1 */
void tcp_timers_all_acked(struct tcp *t, struct tcp_conn *c);     /* RFC 6298 5.2 */
void tcp_timers_some_acked(struct tcp *t, struct tcp_conn *c);    /* RFC 6298 5.3 */
void tcp_timers_window_closed(struct tcp *t, struct tcp_conn *c); /* RFC 9293 3.8.6.1 */
void tcp_timers_window_opened(struct tcp *t, struct tcp_conn *c);
void tcp_timers_deadline(struct tcp *t, struct tcp_conn *c, uint32_t ms); /* 0: none */
/* As a deadline, but put off by the progress of the peer: the idle timeout of a listener. */
void tcp_timers_idle(struct tcp *t, struct tcp_conn *c, uint32_t ms);
/* It comes `ms` later, but in no more than `most_ms`. */
void tcp_timers_later(struct tcp *t, struct tcp_conn *c, uint32_t ms, uint32_t most_ms);
void tcp_timers_left(struct tcp *t, struct tcp_conn *c);     /* by the application */
void tcp_timers_orphaned(struct tcp *t, struct tcp_conn *c); /* in FIN-WAIT-2 */
/* A peer whose application we no longer have took so much. */
void tcp_timers_orphan_acked(struct tcp *t, struct tcp_conn *c, uint32_t bytes);
/* At what hangs on c->reasm, after so many ms at the latest: below 32,768. */
void tcp_timers_look(struct tcp *t, struct tcp_conn *c, uint32_t ms);
/* The retransmission timer, or the persist timer, fires `ms` from now. */
void tcp_timers_again(struct tcp *t, struct tcp_conn *c, uint32_t ms);
uint32_t tcp_timers_persist_ms(const struct tcp *t, const struct tcp_conn *c);
/* Is the look due that tcp_timers_look() asked for? It is over then. */
bool tcp_timers_look_fired(struct tcp *t, struct tcp_conn *c);
/* The node has fired and been handled: it stands again where the next deadline is. */
void tcp_timers_rearm(struct tcp *t, struct tcp_conn *c);
void tcp_timers_stop(struct tcp *t, struct tcp_conn *c);

#endif
