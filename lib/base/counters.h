/* SPDX-License-Identifier: BSD-3-Clause */
/* counters: the events of one core, counted.
 *
 * Threads  one core writes with counter_add(): the core of the stack, and after it has
 *          halted the main core. Any core may read with counter_read() and gets a whole
 *          value. Two counters may be of different moments.
 * Memory   the caller's.
 * Reset    none. The reader keeps a copy and calls counters_subtract().
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stdint.h>

#include "base/drop.h"

/* clang-format off */
#define COUNTERS(X)                                                                        \
	X(rx_packets, "packets received")                                                  \
	X(rx_bytes, "bytes received")                                                      \
	X(tx_packets, "packets sent")                                                      \
	X(tx_bytes, "bytes sent")                                                          \
	X(tx_waited, "packets that waited for room in the transmit queue")                 \
	X(conn_accepted, "handshakes completed as server")                                 \
	X(conn_opening, "connections that we began to open")                               \
	X(conn_connected, "handshakes completed as client")                                \
	X(conn_refused, "connections that the peer refused")                               \
	X(conn_unreachable, "connections not opened: no route")                    \
	X(connect_timeout, "connections not opened: no answer")                 \
	X(conn_closed, "connections closed in order by both sides")                        \
	X(conn_reset, "connections reset by the peer")                                     \
	X(conn_aborted, "connections reset by us")                                         \
	X(conn_timeout, "connections given up: not answered, or not closed, in time")      \
	X(deadlines_passed, "deadlines that applications had set, and that passed")        \
	X(evicted_orphan, "connections ended for room: the application had left")            \
	X(evicted_silent, "connections ended for room: the peer never sent data")          \
	X(evicted_stalled, "connections ended for room: the peer took no data")          \
	X(evicted_idle, "connections ended for room: idle for the longest time")          \
	X(syn_received, "SYNs that opened a half-open connection")                         \
	X(syn_timeout, "half-open connections given up")                                   \
	X(syn_evicted, "half-open connections that made room for newer ones")              \
	X(syn_capped, "SYNs of a source that held its share of half-open records")          \
	X(syn_reset, "half-open connections reset by the peer")                            \
	X(cookies_sent, "SYNs answered with a cookie")                                     \
	X(cookies_valid, "handshakes completed by a cookie")                               \
	X(segments_retransmitted, "segments sent again")                                   \
	X(rto_fired, "retransmission timeouts")                                            \
	X(fast_retransmits, "recoveries by duplicate ACKs")                                \
	X(loss_records_full, "losses left to the timeout: no free record")            \
	X(mss_lowered, "connections whose segments ICMP made smaller")                     \
	X(zero_window_probes, "zero window probes")                                        \
	X(out_of_order, "segments kept out of order")                                      \
	X(reasm_forgotten, "segments kept out of order, and forgotten for room")           \
	X(duplicate_acks, "duplicate ACKs received")                                       \
	X(challenge_acks, "challenge ACKs sent (RFC 5961)")                                \
	X(challenge_acks_limited, "challenge ACKs held back by the limit")                 \
	X(rst_sent, "resets sent")                                                         \
	X(tw_entered, "connections that entered TIME-WAIT")                                \
	X(tw_expired, "TIME-WAITs that ended after 2 MSL")                                 \
	X(tw_evicted, "TIME-WAITs ended early for room")                                   \
	X(tw_reopened, "TIME-WAITs ended by a newer SYN")                                  \
	X(text_bytes_in, "payload bytes delivered")                                        \
	X(text_bytes_out, "payload bytes acknowledged")                                    \
	X(sends_refused, "sends refused: no free descriptor")                           \
	X(arp_answered, "ARP requests answered")                                           \
	X(arp_asked, "ARP requests sent")                                                  \
	X(icmp_echo, "ICMP echo requests answered")                                        \
	X(handed_over, "packets handed to the core that owns their flow")
/* clang-format on */

struct counters {
#define X(name, text) uint64_t name;
	COUNTERS(X)
#undef X
	uint64_t drop[DROP_COUNT];
};

static inline void
counter_add(uint64_t *c, uint64_t n)
{
	__atomic_store_n(c, *c + n, __ATOMIC_RELAXED);
}

static inline uint64_t
counter_read(const uint64_t *c)
{
	return __atomic_load_n(c, __ATOMIC_RELAXED);
}

static inline void
counter_drop(struct counters *c, enum drop why)
{
	counter_add(&c->drop[why], 1);
}

/* sum += one core's counters, read as another core may. */
void counters_sum(struct counters *sum, const struct counters *one);
/* now -= then */
void counters_subtract(struct counters *now, const struct counters *then);

#endif
