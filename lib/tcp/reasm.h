/* SPDX-License-Identifier: BSD-3-Clause */
/* reasm: what arrived out of order, and the SACK blocks that tell of it. */
#ifndef TCP_REASM_H
#define TCP_REASM_H

#include "tcp/tcp.h"

/* Keep s, which lies behind a hole and inside the window. Moves s->buf. */
enum drop reasm_keep(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* The first kept segment if it is no longer behind a hole, else NULL. */
struct tcp_hole *reasm_ready(struct tcp *t, const struct tcp_conn *c);
/* Forget the first one. */
void reasm_pop(struct tcp *t, struct tcp_conn *c);
void reasm_purge(struct tcp *t, struct tcp_conn *c);

/* RFC 2018 4: the block of the most recent arrival first. Returns how many. */
unsigned reasm_sack_blocks(
        const struct tcp *t, const struct tcp_conn *c, struct sack_block *b, unsigned max);

#endif
