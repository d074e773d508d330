/* SPDX-License-Identifier: BSD-3-Clause */
/* tell: what the application hears of a connection (struct hf_service).
 *
 * Threads    single writer.
 * Errors     none: a service without the function is not called.
 * Calls back? yes, each function. May end the connection? no: what the application asks for in
 *            an event is done when the segment, or the timer, has been handled
 *            (tcp_conn_settle()).
 */
#ifndef TCP_TELL_H
#define TCP_TELL_H

#include "tcp/tcp.h"

/* While the stack drains it hears of that, too. */
void tcp_tell_opened(struct tcp *t, struct tcp_conn *c);
/* Once. */
void tcp_tell_draining(struct tcp *t, struct tcp_conn *c);
uint32_t tcp_tell_data(
        struct tcp *t, struct tcp_conn *c, const uint8_t *p, uint32_t len, void **buf);
void tcp_tell_room(struct tcp *t, struct tcp_conn *c);
/* False: the service does not want to know. */
bool tcp_tell_deadline(struct tcp *t, struct tcp_conn *c);
void tcp_tell_peer_closed(struct tcp *t, struct tcp_conn *c);
void tcp_tell_urgent(struct tcp *t, struct tcp_conn *c);
/* From outside of the connection's own segments: what the application says then is said
 * at the end of the turn. */
void tcp_tell_soft_error(struct tcp *t, struct tcp_conn *c, enum hf_reason why);

/* It is over; what c had is released by the caller. */
void tcp_tell_closed(struct tcp *t, struct tcp_conn *c, enum hf_reason why);

#endif
