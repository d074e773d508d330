/* SPDX-License-Identifier: BSD-3-Clause */
/* tell: the events of a connection that the application hears (struct hf_service).
 *
 * Threads    single writer.
 * Memory     none.
 * Errors     none: a service without the function is not called.
 * Calls back? yes, each function. May end the connection? no: a wish of the application is
 *            fulfilled after the segment, or the timer, was handled (tcp_conn_settle()).
 */
#ifndef TCP_TELL_H
#define TCP_TELL_H

#include "tcp/tcp.h"

/* Call opened(), and draining() behind it while the stack drains. */
void tcp_tell_opened(struct tcp *t, struct tcp_conn *c);
/* Call draining(), once for a connection. */
void tcp_tell_draining(struct tcp *t, struct tcp_conn *c);
/* Call data(). Returns the number of bytes that the application has taken. */
uint32_t tcp_tell_data(
        struct tcp *t, struct tcp_conn *c, const uint8_t *p, uint32_t len, void **buf);
void tcp_tell_room(struct tcp *t, struct tcp_conn *c);
/* False: the service has no deadline(). */
bool tcp_tell_deadline(struct tcp *t, struct tcp_conn *c);
void tcp_tell_peer_closed(struct tcp *t, struct tcp_conn *c);
void tcp_tell_urgent(struct tcp *t, struct tcp_conn *c);
/* Call soft_error(). No segment of the connection is being handled, so the connection speaks at
 * the end of the turn. */
void tcp_tell_soft_error(struct tcp *t, struct tcp_conn *c, enum hf_reason why);

/* Call closed(). The caller releases the record and its queues. */
void tcp_tell_closed(struct tcp *t, struct tcp_conn *c, enum hf_reason why);

#endif
