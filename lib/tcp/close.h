/* SPDX-License-Identifier: BSD-3-Clause */
/* close: the application has no more to send, or is done with a connection (RFC 9293 3.10.4,
 * CLOSE).
 *
 * Calls back? no. May end the connection? no: a FIN, or the end, comes with tcp_conn_settle().
 */
#ifndef TCP_CLOSE_H
#define TCP_CLOSE_H

#include "tcp/tcp.h"

/* The application has no more to send (RFC 9293 3.10.4, CLOSE): a FIN follows what is
 * queued. */
void tcp_shut(struct tcp_conn *c);
/* The application is done with c (RFC 9293 3.10.4, CLOSE); how: CONN_LINGER or 0. */
void tcp_leave(struct tcp *t, struct tcp_conn *c, uint16_t how);

#endif
