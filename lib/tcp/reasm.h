/* SPDX-License-Identifier: BSD-3-Clause */
/* reasm: text that waits, and the SACK blocks that report text behind holes. Text before
 * RCV.NXT is held for the application (held.h).
 *
 * Pieces that touch are a run.
 *
 * Threads    single writer.
 * Ownership  s->buf moves to the queue when its text is kept in it.
 * Memory     pieces from a pool of tcp.h, and the packet buffers of their segments.
 * Errors     enum drop.
 * Bounds     A connection has at most TCP_RUNS_MAX runs. A segment costs at most a look at each
 *            of them, in whatever order segments arrive (CVE-2018-5390, "SegmentSmack").
 *            Octets: the window that was offered. Buffers of a connection: one for each
 *            TCP_REASM_BYTES of the window, but at least TCP_REASM_MIN. Buffers of all
 *            connections: three quarters of max_kept. Tiny pieces of a connection:
 *            TCP_TINY_MAX.
 * Copies     two pieces of a run that touch become one if the buffer of the first is ours alone
 *            and has room. So two neighbours in a run never fit into one buffer.
 * Overlaps   octets that were accepted first stay. A later segment cannot replace them,
 *            wherever it begins.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_REASM_H
#define TCP_REASM_H

#include "tcp/tcp.h"

/* Keep s, which lies inside the window: behind a hole, or at RCV.NXT. Moves s->buf if the queue
 * needs it. May write into the text of s. */
enum drop reasm_keep(struct tcp *t, struct tcp_conn *c, struct seg *s);
/* After DROP_TCP_REASM_FULL: did buffers lack for all connections? */
bool reasm_lacks_buffer(const struct tcp *t, const struct tcp_conn *c, const struct seg *s);

/* s begins at RCV.NXT. Write kept octets over its own; or cut s before them, if it may not be
 * written to. */
void reasm_overlay(struct tcp *t, const struct tcp_conn *c, struct seg *s);

/* Octets were delivered up to RCV.NXT: forget those of them that were kept. */
void reasm_delivered(struct tcp *t, struct tcp_conn *c);
/* The end of the text that is complete from RCV.NXT on. */
uint32_t reasm_end(const struct tcp *t, const struct tcp_conn *c);
/* The first piece if it does not lie behind a hole, else NULL. */
struct tcp_piece *reasm_ready(const struct tcp *t, const struct tcp_conn *c);
/* The application has taken n octets. A FIN behind them stays. */
void reasm_taken(struct tcp *t, struct tcp_conn *c, uint32_t n);
/* Forget the first piece. */
void reasm_pop(struct tcp *t, struct tcp_conn *c);
/* Forget all pieces. */
void reasm_purge(struct tcp *t, struct tcp_conn *c);
/* The number of octets before RCV.NXT. */
uint32_t reasm_held(const struct tcp *t, const struct tcp_conn *c);
/* Does a piece lie behind a hole? */
bool reasm_has_holes(const struct tcp *t, const struct tcp_conn *c);
/* Forget the pieces behind holes (RFC 2018 8). Returns their number. */
unsigned reasm_forget(struct tcp *t, struct tcp_conn *c);
/* Take the buffer of the first piece out of the queue. Its text continues in another buffer, or
 * in several smaller ones. NULL: there are none. */
void *reasm_give(struct tcp *t, struct tcp_conn *c);

/* The piece at index i. For reasm.c and reasm_give.c only. */
static inline struct tcp_piece *
reasm_at(const struct tcp *t, uint32_t i)
{
	return pool_at(&t->pieces, i);
}
/* Set the length of a piece, and count tiny ones. For reasm.c and reasm_give.c only. */
void reasm_set_len(struct tcp_rare *r, struct tcp_piece *h, uint32_t len);

/* The SACK blocks, the one of the most recent arrival first (RFC 2018 4). Returns their
 * number. */
unsigned reasm_sack_blocks(
        const struct tcp *t, const struct tcp_conn *c, struct sack_block *b, unsigned max);

#endif
