/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces: which text behind a hole is kept when packet buffers are scarce.
 *
 * Bounds     a call looks at PRESSURE_LOOK records at the most (hand.h).
 * Calls back? no. May end the connection? no: text of another one may be forgotten.
 */
#ifndef TCP_PIECES_H
#define TCP_PIECES_H

#include "tcp/tcp.h"

/* As reasm_keep(); where no buffer is left, somebody's text behind a hole is forgotten, of
 * those whose peer has moved on least lately, and less lately than c's. */
enum drop pieces_keep(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* Would c's text behind holes be forgotten before other's? other may be NULL. */
bool pieces_are_worth_less(
        const struct tcp *t, const struct tcp_conn *c, const struct tcp_conn *other);
/* Did c's peer move on so much earlier, or hardly later, than at `heard`, that its text may
 * go for one that did then? */
bool pieces_are_old(const struct tcp_conn *c, uint32_t heard);
/* c's text behind holes goes. */
void pieces_forget(struct tcp *t, struct tcp_conn *c);

#endif
