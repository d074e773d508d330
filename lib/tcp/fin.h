/* SPDX-License-Identifier: BSD-3-Clause */
/* fin: the peer's FIN (RFC 9293 3.10.7.4, eighth).
 *
 * Threads    the connection's core.
 * Errors     none.
 * Calls back? yes: peer_closed(). May end the connection? no: the state becomes TIME-WAIT, and
 * tcp_conn_settle() does the rest.
 */
#ifndef TCP_FIN_H
#define TCP_FIN_H

#include "tcp/tcp.h"

/* Take the peer's FIN, which stands at RCV.NXT: all text before it has arrived. */
void take_fin(struct tcp *t, struct tcp_conn *c);

#endif
