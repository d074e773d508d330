/* SPDX-License-Identifier: BSD-3-Clause */
/* bare: segments that belong to no connection's record: resets to strangers, ACKs of TIME-WAIT
 * and of half-open records, SYN-ACKs.
 *
 * Threads    single writer.
 * Bounds     resets: rst_per_s (base/answers.h). The others are the caller's to limit.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_BARE_H
#define TCP_BARE_H

#include "tcp/tcp.h"

/* Send a RST to a segment that belongs to no connection, or whose ACK is wrong in the handshake
 * (RFC 9293 3.10.7.1). A RST gets none. At most rst_per_s leave. */
enum drop tcp_reset_stranger(struct tcp *t, struct seg *s, enum drop why);

/* Send an ACK outside any connection's record (TIME-WAIT, half-open). */
void tcp_send_bare(struct tcp *t, struct seg *asked_by, uint32_t seq, uint32_t ack,
        uint16_t wnd, const struct tcp_opts *opts);

#endif
