/* SPDX-License-Identifier: BSD-3-Clause */
/* reasm: what arrived out of order, and the SACK blocks that tell of it.
 *
 * Pieces that touch are a run. Of a connection's runs there are at most
 * TCP_RUNS_MAX, and a segment costs a look at each of them at the most, whatever
 * arrives in which order (CVE-2018-5390, "SegmentSmack"). A packet buffer is kept for
 * a tiny piece only while there are few of them.
 * Overlaps  what was accepted first stays: a later segment that says something else
 *           of the same octets is not believed, wherever it begins.
 * Moves     s->buf, when it is kept.
 */
#ifndef TCP_REASM_H
#define TCP_REASM_H

#include "tcp/tcp.h"

/* Keep s, which lies behind a hole and inside the window. Moves s->buf; may write
 * into its text. */
enum drop reasm_keep(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* s begins at RCV.NXT: write over its text what was kept of the same octets; or cut it
 * there, if it may not be written to. */
void reasm_overlay(struct tcp *t, const struct tcp_conn *c, struct seg *s);

/* The first kept segment if it is no longer behind a hole, else NULL. */
struct tcp_hole *reasm_ready(struct tcp *t, const struct tcp_conn *c);
/* Forget the first one. */
void reasm_pop(struct tcp *t, struct tcp_conn *c);
void reasm_purge(struct tcp *t, struct tcp_conn *c);

/* RFC 2018 4: the block of the most recent arrival first. Returns how many. */
unsigned reasm_sack_blocks(
        const struct tcp *t, const struct tcp_conn *c, struct sack_block *b, unsigned max);

#endif
