/* SPDX-License-Identifier: BSD-3-Clause */
/* held: text that the application did not take when it came. It is acknowledged, and counts
 * against the offered window. data() sees it again when the application says that it has
 * room, when anything else happens to the connection, and by a timer that backs off to 1.28 s.
 *
 * Where      before RCV.NXT, as the first run of reasm.h's queue. A FIN behind it waits there,
 *            too, and is not acknowledged: no data() follows it.
 * Threads    single writer.
 * Ownership  s->buf moves to the queue when its text is held.
 * Bounds     the window, and the buffers of the core. Without a free buffer the text is not
 *            acknowledged, and the peer sends it again.
 * Errors     enum drop.
 * Calls back? yes: data(), peer_closed(). May end the connection? no: its state may become
 *            TIME-WAIT, and tcp_conn_settle() does the rest.
 */
#ifndef TCP_HELD_H
#define TCP_HELD_H

#include "tcp/tcp.h"

/* Offer the text that stands at RCV.NXT, from s or from the queue. Text of s that is not taken
 * is held. */
enum drop held_take(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* c speaks: offer the held text that pend_resume() asked for. The state may become
 * TIME-WAIT. */
void held_speak(struct tcp *t, struct tcp_conn *c);
/* The timer of the queue has fired. */
void held_look(struct tcp *t, struct tcp_conn *c);
/* The queue is not empty: arm its timer. */
void held_watch(struct tcp *t, struct tcp_conn *c);

#endif
