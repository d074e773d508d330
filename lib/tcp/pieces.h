/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces: the choice of the text behind a hole that is kept when packet buffers are scarce.
 *
 * Threads    single writer.
 * Errors     enum drop.
 * Bounds     a call examines PRESSURE_LOOK records at most (hand.h).
 * Calls back? no. May end the connection? no: text of another connection may be forgotten.
 */
#ifndef TCP_PIECES_H
#define TCP_PIECES_H

#include "tcp/tcp.h"

/* Keep the text of s as reasm_keep() does. Without a free buffer, another connection's text
 * behind holes is forgotten: of the connection without progress for longest, if that is
 * longer than for c. */
enum drop pieces_keep(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* Would c's text behind holes be forgotten before other's? other may be NULL. */
bool pieces_are_worth_less(
        const struct tcp *t, const struct tcp_conn *c, const struct tcp_conn *other);
/* Is c's text behind holes old enough to be forgotten for a connection that made progress at
 * `heard`? It is unless c made progress clearly later than `heard`. */
bool pieces_are_old(const struct tcp_conn *c, uint32_t heard);
/* Forget c's text behind holes. */
void pieces_forget(struct tcp *t, struct tcp_conn *c);

#endif
