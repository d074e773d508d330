/* SPDX-License-Identifier: BSD-3-Clause */
/* sends: the queue of bytes that are not acknowledged yet. */
#ifndef TCP_SENDS_H
#define TCP_SENDS_H

#include "tcp/tcp.h"

int sends_append(struct tcp *t, struct tcp_conn *c, const void *p, uint32_t len, void *buf);
/* Forget what lies before ack. */
void sends_acked(struct tcp *t, struct tcp_conn *c, uint32_t ack);
void sends_purge(struct tcp *t, struct tcp_conn *c);
/* Point the pieces of o at len bytes from seq on, which are queued. */
void sends_gather(const struct tcp *t, const struct tcp_conn *c, uint32_t seq, uint32_t len,
        struct tcp_out *o);

#endif
