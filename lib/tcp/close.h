/* SPDX-License-Identifier: BSD-3-Clause */
/* close: the application has no more to send, or has left the connection (RFC 9293 3.10.4,
 * CLOSE).
 *
 * Threads    the connection's core.
 * Errors     none.
 * Calls back? no. May end the connection? no: tcp_conn_settle() sends the FIN, or ends it.
 */
#ifndef TCP_CLOSE_H
#define TCP_CLOSE_H

#include "tcp/tcp.h"

/* The application has no more to send: a FIN follows the queued data. */
void tcp_shut(struct tcp_conn *c);
/* The application has left c. how: CONN_LINGER or 0. */
void tcp_leave(struct tcp *t, struct tcp_conn *c, uint16_t how);

#endif
