/* SPDX-License-Identifier: BSD-3-Clause */
/* drop: why a packet, or what it asked for, went no further.
 *
 * The packet path returns a reason. The reason is the index of its counter, so nothing is
 * dropped without being counted.
 *
 * Threads  any: the tables are constant.
 * Memory   none.
 * Errors   none: a reason that is no reason is a bug (assert).
 * Bounds   DROP_COUNT reasons.
 *
 * A row: the enum's name, the same in lower case as `show drops` and JSON print it, how
 * severe it is, and the text for a person. docs/commands.md lists the rows.
 */
#ifndef BASE_DROP_H
#define BASE_DROP_H

/* clang-format off */
/* How severe a reason is, and what to do about it. `show drops` prints them in this order. */
#define DROP_SEVERITIES(X)                                                                               \
	X(LIMIT, "limit", "This host or its port had no room: raise the bound, or look at the port.")     \
	X(ATTACK, "attack", "Forged or hostile packets look like this: watch the rate.")                 \
	X(PEER, "peer", "A peer or the network broke a rule: look there.")                               \
	X(NORMAL, "normal", "Healthy networks cause it, too: there is nothing to do.")

#define DROP_REASONS(X)                                                                                  \
	/* the frame */                                                                                  \
	X(ETH_SHORT, "eth_short", PEER, "frame shorter than an Ethernet header")                         \
	X(ETH_TYPE, "eth_type", NORMAL, "neither IPv4 nor ARP")                                          \
	X(ETH_DST, "eth_dst", NORMAL, "addressed to another MAC")                                        \
	X(FRAME_SEGMENTS, "frame_segments", LIMIT, "packet in several buffers that do not fit one")      \
	/* ARP */                                                                                        \
	X(ARP_MALFORMED, "arp_malformed", PEER, "ARP packet malformed")                                  \
	X(ARP_NOT_OURS, "arp_not_ours", NORMAL, "ARP for an address that is not ours")                   \
	X(ARP_UNSOLICITED, "arp_unsolicited", NORMAL, "ARP answer without a question")                   \
	X(ARP_CLAIM, "arp_claim", ATTACK, "another MAC claims a neighbour's address")                    \
	X(ARP_RATE, "arp_rate", ATTACK, "ARP answers over their rate")                                   \
	X(ARP_CONFLICT, "arp_conflict", PEER, "another host claims our address")                         \
	/* IPv4 (RFC 791, RFC 1122 3.2.1) */                                                             \
	X(IP_SHORT, "ip_short", PEER, "shorter than an IPv4 header")                                     \
	X(IP_VERSION, "ip_version", PEER, "IP version is not 4")                                         \
	X(IP_HEADER_LENGTH, "ip_header_length", PEER, "IPv4 header length impossible")                   \
	X(IP_TOTAL_LENGTH, "ip_total_length", PEER, "IPv4 total length impossible")                      \
	X(IP_CHECKSUM, "ip_checksum", PEER, "IPv4 header checksum wrong")                                \
	X(IP_FRAGMENT, "ip_fragment", PEER, "IPv4 fragment (reassembly is not done)")                    \
	X(IP_MARTIAN, "ip_martian", ATTACK, "impossible source or destination address")                  \
	X(IP_LAND, "ip_land", ATTACK, "source is our own address")                                       \
	X(IP_NOT_OURS, "ip_not_ours", NORMAL, "IPv4 destination is not ours")                            \
	X(IP_PROTOCOL, "ip_protocol", NORMAL, "IPv4 protocol that is not served")                        \
	/* ICMP (RFC 792, RFC 5927) */                                                                   \
	X(ICMP_SHORT, "icmp_short", PEER, "shorter than its ICMP message")                               \
	X(ICMP_CHECKSUM, "icmp_checksum", PEER, "ICMP checksum wrong")                                   \
	X(ICMP_TYPE, "icmp_type", NORMAL, "ICMP type that is not served")                                \
	X(ICMP_UNMATCHED, "icmp_unmatched", ATTACK, "ICMP error that matches no segment in flight")      \
	X(ICMP_IGNORED, "icmp_ignored", NORMAL, "ICMP error noted; TCP goes on trying")                  \
	X(ICMP_RATE, "icmp_rate", ATTACK, "ICMP answers, or errors for other cores, over their rate")    \
	/* TCP, before a connection is known */                                                          \
	X(TCP_SHORT, "tcp_short", PEER, "shorter than a TCP header")                                     \
	X(TCP_OFFSET, "tcp_offset", PEER, "TCP data offset impossible")                                  \
	X(TCP_CHECKSUM, "tcp_checksum", PEER, "TCP checksum wrong")                                      \
	X(TCP_PORT_ZERO, "tcp_port_zero", ATTACK, "TCP port 0")                                          \
	X(TCP_CLOSED, "tcp_closed", NORMAL, "no connection and no listener")                             \
	X(HAND_OVER, "hand_over", LIMIT, "no room in the inbox of the core that owns the connection")    \
	X(TCP_RST_RATE, "tcp_rst_rate", ATTACK, "resets over their rate")                                \
	X(TCP_LISTEN_FLAGS, "tcp_listen_flags", NORMAL, "to a listener, but not a SYN")                  \
	X(SYN_DRAINING, "syn_draining", NORMAL, "SYN while draining")                                    \
	X(SYN_BACKLOG, "syn_backlog", LIMIT, "too many half-open connections")                           \
	X(SYN_CAP, "syn_cap", ATTACK, "the source's address or /24 holds too many half-open connections")\
	X(SYN_MSS, "syn_mss", PEER, "SYN with an MSS too small for a cookie")                            \
	X(MSS_TINY, "mss_tiny", ATTACK, "SYN with an MSS below 64: refused")                             \
	X(COOKIE_EPOCH, "cookie_epoch", ATTACK, "ACK to a listener; no cookie of the last two epochs")   \
	X(COOKIE_WRONG, "cookie_wrong", ATTACK, "ACK to a listener; not a cookie of ours")               \
	X(CONN_FULL, "conn_full", LIMIT, "connection table full")                                        \
	X(PREFIX_CAP, "prefix_cap", ATTACK, "the source's address or /24 holds too many connections")    \
	/* TCP, on a connection (RFC 9293 3.10.7, RFC 5961) */                                           \
	X(TCP_OLD, "tcp_old", NORMAL, "old or duplicate segment")                                        \
	X(TCP_WINDOW, "tcp_window", PEER, "outside the receive window")                                  \
	X(TCP_WINDOW_CUT, "tcp_window_cut", PEER, "text beyond the window cut off, rest taken")         \
	X(SYN_WINDOW, "syn_window", PEER, "half-open, and outside the window that the SYN-ACK offered")  \
	X(TCP_PAWS, "tcp_paws", NORMAL, "timestamp older than the connection's (PAWS)")                  \
	X(TCP_TS_MISSING, "tcp_ts_missing", PEER, "no timestamp, although timestamps were agreed on")    \
	X(TCP_RST_WINDOW, "tcp_rst_window", ATTACK, "reset outside the window")                          \
	X(TCP_RST_CHALLENGED, "tcp_rst_challenged", ATTACK, "reset not at RCV.NXT: challenged")          \
	X(TCP_SYN_CHALLENGED, "tcp_syn_challenged", ATTACK, "SYN on a synchronized connection")          \
	X(TCP_NO_ACK, "tcp_no_ack", PEER, "segment without ACK")                                         \
	X(TCP_ACK_OLD, "tcp_ack_old", ATTACK, "ACK older than MAX.SND.WND")                              \
	X(TCP_ACK_UNSENT, "tcp_ack_unsent", ATTACK, "ACK of what was never sent")                        \
	X(TCP_ACK_HANDSHAKE, "tcp_ack_handshake", PEER, "wrong ACK in the handshake")                    \
	X(TCP_RST_UNPROVED, "tcp_rst_unproved", ATTACK, "reset that acknowledges no SYN of ours")        \
	X(TCP_NO_SYN, "tcp_no_syn", PEER, "in SYN-SENT, and neither SYN nor RST")                        \
	X(TCP_CLOSED_DATA, "tcp_closed_data", NORMAL, "data after the application has left")             \
	X(TCP_REASM_FULL, "tcp_reasm_full", LIMIT, "out of order, and no room to keep it")               \
	X(TCP_REASM_TINY, "tcp_reasm_tiny", ATTACK, "out of order, and too many tiny ones are kept")     \
	X(TCP_REASM_RUNS, "tcp_reasm_runs", LIMIT, "out of order, and behind too many holes")            \
	X(TCP_APP_FULL, "tcp_app_full", LIMIT, "data that the application could not take")               \
	X(TCP_AFTER_FIN, "tcp_after_fin", PEER, "data behind the peer's FIN")                            \
	X(TW_RST, "tw_rst", NORMAL, "reset in TIME-WAIT (RFC 1337)")                                     \
	X(TW_OLD, "tw_old", NORMAL, "old segment in TIME-WAIT")                                          \
	X(TW_RATE, "tw_rate", ATTACK, "ACKs in TIME-WAIT over their rate")                               \
	/* going out */                                                                                  \
	X(NEIGH_UNRESOLVED, "neigh_unresolved", PEER, "next hop's MAC not known yet")                    \
	X(NO_MBUF, "no_mbuf", LIMIT, "no packet buffer")                                                 \
	X(TX_STRANGER, "tx_stranger", LIMIT, "transmit queue full: answer without a connection")         \
	X(TX_REFUSED, "tx_refused", LIMIT, "packet that the port's driver refuses")                      \
	X(TX_FULL, "tx_full", LIMIT, "transmit queue full")
/* clang-format on */

enum drop {
	DROP_NONE,
#define X(reason, name, severity, text) DROP_##reason,
	DROP_REASONS(X)
#undef X
	        DROP_COUNT
};

enum drop_severity {
#define X(severity, name, text) SEVERITY_##severity,
	DROP_SEVERITIES(X)
#undef X
	        SEVERITY_COUNT
};

const char *drop_name(enum drop why); /* "tcp_checksum" */
const char *drop_text(enum drop why); /* "TCP checksum wrong" */
enum drop_severity drop_severity(enum drop why);

const char *severity_name(enum drop_severity s); /* "limit" */
const char *severity_text(enum drop_severity s); /* a sentence: what to do */

#endif
