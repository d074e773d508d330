/* SPDX-License-Identifier: BSD-3-Clause */
/* kept: the count of packet buffers that a core's queues and services hold.
 *
 * Threads    single writer.
 * Ownership  a buffer is ours from kept_take() to kept_give().
 * Bounds     conf.max_kept; kept_may() says whether one more fits.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_KEPT_H
#define TCP_KEPT_H

#include "tcp/tcp.h"

/* May one more buffer be kept? */
static inline bool
kept_may(const struct tcp *t)
{
	return t->kept < t->conf.max_kept;
}

/* One more buffer is kept. */
static inline void
kept_take(struct tcp *t)
{
	t->kept++;
}

/* Release a buffer that was kept; NULL is none. */
static inline void
kept_give(struct tcp *t, void *buf)
{
	if (buf == NULL)
		return;
	t->kept--;
	t->buf_free(t->below, buf);
}

#endif
