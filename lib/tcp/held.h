/* SPDX-License-Identifier: BSD-3-Clause */
/* held: text that the application did not take when it came. It is acknowledged, counts
 * against the window that is offered, and is offered to data() again: when the
 * application says that it has room, by whatever else happens to the connection, and by
 * a timer that backs off to a second and more.
 *
 * Where    before RCV.NXT, as the first run of reasm.h's queue. A FIN behind it waits
 *          there, too, and is not acknowledged: no data() follows it.
 * Bound    the window; and the buffers of the core. Where none can be had the text is
 *          not acknowledged, and the peer sends it again.
 */
#ifndef TCP_HELD_H
#define TCP_HELD_H

#include "tcp/tcp.h"

/* Text that stands at RCV.NXT, from s or from the queue, is offered; what of s is not
 * taken is held. */
enum drop held_take(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* c speaks: what pend_resume() asked for is offered. May end in TIME-WAIT. */
void held_speak(struct tcp *t, struct tcp_conn *c);
/* Its timer has fired. */
void held_look(struct tcp *t, struct tcp_conn *c);
/* Something is in the queue: it is looked at again, though nothing comes. */
void held_watch(struct tcp *t, struct tcp_conn *c);

#endif
