/* SPDX-License-Identifier: BSD-3-Clause */
/* drop: why a packet, or what it asked for, went no further.
 *
 * The packet path returns a reason, and the reason is the index of its
 * counter: nothing is dropped without one. The name is what `show drops`
 * prints and what JSON carries; the text says it to a person.
 */
#ifndef BASE_DROP_H
#define BASE_DROP_H

/* clang-format off */
#define DROP_REASONS(X)                                                                    \
	/* the frame */                                                                    \
	X(ETH_SHORT, "frame shorter than an Ethernet header")                              \
	X(ETH_TYPE, "neither IPv4 nor ARP")                                                \
	X(ETH_DST, "addressed to another MAC")                                             \
	X(FRAME_SEGMENTS, "packet in several buffers that do not fit one")                 \
	/* ARP */                                                                          \
	X(ARP_MALFORMED, "ARP packet malformed")                                           \
	X(ARP_NOT_OURS, "ARP for an address that is not ours")                             \
	X(ARP_UNSOLICITED, "ARP answer nobody asked for")                                  \
	X(ARP_CLAIM, "another MAC claims a neighbour's address")                           \
	X(ARP_RATE, "ARP answers over their rate")                                        \
	X(ARP_CONFLICT, "another host claims our address")                                 \
	/* IPv4 (RFC 791, RFC 1122 3.2.1) */                                               \
	X(IP_SHORT, "shorter than an IPv4 header")                                         \
	X(IP_VERSION, "IP version is not 4")                                               \
	X(IP_HEADER_LENGTH, "IPv4 header length impossible")                               \
	X(IP_TOTAL_LENGTH, "IPv4 total length impossible")                                 \
	X(IP_CHECKSUM, "IPv4 header checksum wrong")                                       \
	X(IP_FRAGMENT, "IPv4 fragment (reassembly is not done)")                           \
	X(IP_MARTIAN, "source or destination address that cannot be")                      \
	X(IP_LAND, "source is our own address")                                            \
	X(IP_NOT_OURS, "IPv4 destination is not ours")                                     \
	X(IP_PROTOCOL, "IPv4 protocol that is not served")                                 \
	/* ICMP (RFC 792, RFC 5927) */                                                     \
	X(ICMP_SHORT, "shorter than its ICMP message")                                     \
	X(ICMP_CHECKSUM, "ICMP checksum wrong")                                            \
	X(ICMP_TYPE, "ICMP type that is not served")                                       \
	X(ICMP_UNMATCHED, "ICMP error that matches no segment in flight")                  \
	X(ICMP_IGNORED, "ICMP error noted; TCP goes on trying")                            \
	X(ICMP_RATE, "ICMP answers, or errors for other cores, over their rate")            \
	/* TCP, before a connection is known */                                            \
	X(TCP_SHORT, "shorter than a TCP header")                                          \
	X(TCP_OFFSET, "TCP data offset impossible")                                        \
	X(TCP_CHECKSUM, "TCP checksum wrong")                                              \
	X(TCP_PORT_ZERO, "TCP port 0")                                                     \
	X(TCP_CLOSED, "no connection and no listener")                                     \
	X(HAND_OVER, "no room to hand it to the core whose it is")                         \
	X(TCP_RST_RATE, "resets over their rate")                                          \
	X(TCP_LISTEN_FLAGS, "to a listener, but not a SYN")                                \
	X(SYN_DRAINING, "SYN while draining")                                              \
	X(SYN_BACKLOG, "too many half-open connections")                                   \
	X(SYN_CAP, "its address or /24 holds too many half-open connections")              \
	X(SYN_MSS, "SYN with an MSS too small for a cookie")                               \
	X(MSS_TINY, "SYN with an MSS below 64: refused")                                   \
	X(COOKIE_EPOCH, "ACK to a listener; no cookie of the last two epochs")             \
	X(COOKIE_WRONG, "ACK to a listener; not a cookie of ours")                         \
	X(CONN_FULL, "connection table full")                                              \
	X(PREFIX_CAP, "its address or /24 holds too many connections")               \
	/* TCP, on a connection (RFC 9293 3.10.7, RFC 5961) */                             \
	X(TCP_OLD, "old or duplicate segment")                                             \
	X(TCP_WINDOW, "outside the receive window")                                        \
	X(TCP_WINDOW_CUT, "text beyond the receive window: cut off, the rest is taken")    \
	X(SYN_WINDOW, "half-open, and outside the window that the SYN-ACK offered")        \
	X(TCP_PAWS, "timestamp older than the connection's (PAWS)")                        \
	X(TCP_TS_MISSING, "timestamps were agreed on, and it has none")                    \
	X(TCP_RST_WINDOW, "reset outside the window")                                      \
	X(TCP_RST_CHALLENGED, "reset not at RCV.NXT: challenged")                          \
	X(TCP_SYN_CHALLENGED, "SYN on a synchronized connection: challenged")              \
	X(TCP_NO_ACK, "segment without ACK")                                               \
	X(TCP_ACK_OLD, "ACK older than MAX.SND.WND")                                       \
	X(TCP_ACK_UNSENT, "ACK of what was never sent")                                    \
	X(TCP_ACK_HANDSHAKE, "wrong ACK in the handshake")                                 \
	X(TCP_RST_UNPROVED, "reset that acknowledges no SYN of ours")                      \
	X(TCP_NO_SYN, "in SYN-SENT, and neither SYN nor RST")                              \
	X(TCP_CLOSED_DATA, "data after the application was gone")                          \
	X(TCP_REASM_FULL, "out of order, and no room to keep it")                          \
	X(TCP_REASM_TINY, "out of order, and too many tiny ones are kept already")         \
	X(TCP_REASM_RUNS, "out of order, and behind too many holes")                       \
	X(TCP_APP_FULL, "data that the application could not take")                        \
	X(TCP_AFTER_FIN, "data behind the peer's FIN")                                     \
	X(TW_RST, "reset in TIME-WAIT (RFC 1337)")                                         \
	X(TW_OLD, "old segment in TIME-WAIT")                                              \
	X(TW_RATE, "ACKs in TIME-WAIT over their rate")                                    \
	/* going out */                                                                    \
	X(NEIGH_UNRESOLVED, "next hop's MAC not known yet")                                \
	X(NO_MBUF, "no packet buffer")                                                     \
	X(TX_STRANGER, "transmit queue full, and an answer to who has no connection")      \
	X(TX_REFUSED, "packet that the port's driver refuses")                             \
	X(TX_FULL, "transmit queue full")
/* clang-format on */

enum drop {
	DROP_NONE,
#define X(name, text) DROP_##name,
	DROP_REASONS(X)
#undef X
	        DROP_COUNT
};

const char *drop_name(enum drop why); /* "tcp_checksum" */
const char *drop_text(enum drop why); /* "TCP checksum wrong" */

#endif
