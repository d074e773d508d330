/* SPDX-License-Identifier: BSD-3-Clause */
/* seg: one arrived packet, parsed. The engine passes it to the protocol.
 *
 * Threads    a segment belongs to one core. Another core may receive it by the inbox.
 * Ownership  buf is the engine's handle of the packet buffer. A function that keeps the
 *            payload, or answers in the same buffer, *moves* the handle: it takes
 *            the handle and sets buf to NULL. At the end of the turn the engine frees all
 *            buffers that were not moved. text, frame and sack point into the buffer.
 * Units      numbers are in host byte order. wnd is as in the header, unscaled.
 */
#ifndef WIRE_SEG_H
#define WIRE_SEG_H

#include <stddef.h>

#include "wire/flow.h"
#include "wire/headers.h"

enum seg_kind {
	SEG_NONE, /* dropped: only frame, frame_len, buf and port are valid */
	SEG_TCP,
	SEG_ICMP,
	SEG_ARP,
	SEG_OTHER, /* as SEG_NONE, but an application may know it; ref is the enum drop */
};

/* The well-formed options of a segment. */
#define SEG_OPT_MSS     0x01
#define SEG_OPT_WSCALE  0x02
#define SEG_OPT_SACK_OK 0x04
#define SEG_OPT_TS      0x08
#define SEG_OPT_SACK    0x10

struct seg {
	struct flow_key key;
	uint32_t hash; /* the hash of key; the demux writes it */

	uint32_t seq;
	uint32_t ack;
	uint16_t wnd;
	uint8_t flags; /* TCP_* */
	uint8_t kind;  /* enum seg_kind */
	uint32_t len;  /* payload bytes, without SYN and FIN */
	uint8_t *text; /* payload */
	void *buf;

	uint32_t tsval;
	uint32_t tsecr;
	uint16_t mss;    /* as offered */
	uint8_t wscale;  /* as offered, up to 255 */
	uint8_t opts;    /* SEG_OPT_* */
	uint8_t nsack;   /* SACK blocks at sack: 8 bytes each, network order */
	uint8_t port;    /* the port on which it arrived */
	uint8_t csum_ok; /* SEG_CSUM_*: the checksums that the port has verified */
	uint8_t round;   /* cores that may still see it, if another core handed it on */
	const uint8_t *sack;

	uint8_t *frame;     /* the Ethernet header */
	uint16_t frame_len; /* bytes from the Ethernet header to the end of the IP datagram */
	uint16_t room;      /* bytes of the buffer from frame on */
	uint16_t l3;        /* offset of the IPv4 (ARP) header from frame */
	uint16_t l4;        /* offset of the TCP (ICMP) header from frame */
	uint32_t ref;       /* the connection that the demux expects */
};

#define SEG_CSUM_IP 0x01
#define SEG_CSUM_L4 0x02

/* SEG.UP of the RFC, counted from SEG.SEQ. Valid with TCP_URG, until the frame is changed. */
static inline uint16_t
seg_urgent(const struct seg *s)
{
	return be16_load(s->frame + s->l4 + offsetof(struct tcp_hdr, urgent));
}

/* SEG.LEN of the RFC: SYN and FIN count. */
static inline uint32_t
seg_len(const struct seg *s)
{
	return s->len + !!(s->flags & TCP_SYN) + !!(s->flags & TCP_FIN);
}

/* Cut n octets of text off the left end. */
static inline void
seg_cut_left(struct seg *s, uint32_t n)
{
	s->seq += n;
	s->text += n;
	s->len -= n;
}

#endif
