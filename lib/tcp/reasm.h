/* SPDX-License-Identifier: BSD-3-Clause */
/* reasm: text that waits, and the SACK blocks that tell of what lies behind holes. What
 * lies before RCV.NXT is held for the application (held.h).
 *
 * Pieces that touch are a run. Of a connection's runs there are at most
 * TCP_RUNS_MAX, and a segment costs a look at each of them at the most, whatever
 * arrives in which order (CVE-2018-5390, "SegmentSmack"). A packet buffer is kept for
 * a tiny piece only while there are few of them.
 * Bounds    the octets: the window that was offered. The buffers: of a connection one
 *           for TCP_REASM_BYTES of the window, or TCP_REASM_MIN if that is more; of
 *           all together three quarters of max_kept. A piece is
 *           copied behind the one that it touches, or that one behind it, where the
 *           buffer is ours alone and has room, so that of two neighbours in a run both
 *           together do not fit one buffer.
 * Overlaps  what was accepted first stays: a later segment that says something else
 *           of the same octets is not believed, wherever it begins.
 * Moves     s->buf, when it is kept.
 */
#ifndef TCP_REASM_H
#define TCP_REASM_H

#include "tcp/tcp.h"

/* Keep s, which lies inside the window: behind a hole, or at RCV.NXT. Moves s->buf, if it
 * needs it; may write into its text. */
enum drop reasm_keep(struct tcp *t, struct tcp_conn *c, struct seg *s);
/* reasm_keep() has said DROP_TCP_REASM_FULL: was it for want of buffers, of all connections? */
bool reasm_lacks_buffer(const struct tcp *t, const struct tcp_conn *c, const struct seg *s);

/* s begins at RCV.NXT: write over its text what was kept of the same octets; or cut it
 * there, if it may not be written to. */
void reasm_overlay(struct tcp *t, const struct tcp_conn *c, struct seg *s);

/* Octets were delivered up to RCV.NXT: what was kept of them goes. */
void reasm_delivered(struct tcp *t, struct tcp_conn *c);
/* Where the text ends that is complete from RCV.NXT on. */
uint32_t reasm_end(const struct tcp *t, const struct tcp_conn *c);
/* The first piece if it is no longer behind a hole, else NULL. */
struct tcp_piece *reasm_ready(const struct tcp *t, const struct tcp_conn *c);
/* n octets have been taken. A FIN behind them stays. */
void reasm_taken(struct tcp *t, struct tcp_conn *c, uint32_t n);
/* Forget the first one. */
void reasm_pop(struct tcp *t, struct tcp_conn *c);
void reasm_purge(struct tcp *t, struct tcp_conn *c);
/* Octets before RCV.NXT. */
uint32_t reasm_held(const struct tcp *t, const struct tcp_conn *c);
/* Is there anything behind a hole? */
bool reasm_has_holes(const struct tcp *t, const struct tcp_conn *c);
/* ... it is forgotten (RFC 2018 8). Returns how many pieces. */
unsigned reasm_forget(struct tcp *t, struct tcp_conn *c);
/* The first piece's buffer for somebody else, while its text goes on in another one, or
 * in several, if they are smaller; NULL: there is none. */
void *reasm_give(struct tcp *t, struct tcp_conn *c);
/* Of these two files alone. */
void reasm_set_len(struct tcp_rare *r, struct tcp_piece *h, uint32_t len);

/* RFC 2018 4: the block of the most recent arrival first. Returns how many. */
unsigned reasm_sack_blocks(
        const struct tcp *t, const struct tcp_conn *c, struct sack_block *b, unsigned max);

#endif
