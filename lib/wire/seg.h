/* SPDX-License-Identifier: BSD-3-Clause */
/* seg: one arrived packet, parsed; the currency between engine and protocol.
 *
 * Ownership  buf is the engine's handle of the packet buffer. Who keeps the
 *            payload, or answers in the same buffer, *moves* the handle: takes
 *            it and sets buf to NULL. What is still there at the end of the
 *            turn is freed in bulk. text, frame and sack point into it.
 * Units      seq, ack, wnd... in host order; wnd as it stood, unscaled.
 */
#ifndef WIRE_SEG_H
#define WIRE_SEG_H

#include <stddef.h>

#include "wire/flow.h"
#include "wire/headers.h"

enum seg_kind {
	SEG_NONE, /* dropped: nothing is valid but frame, frame_len, buf and port */
	SEG_TCP,
	SEG_ICMP,
	SEG_ARP,
	SEG_OTHER, /* as SEG_NONE, but an application may know it; ref is the enum drop */
};

/* Which options stood in a segment, all of them well-formed. */
#define SEG_OPT_MSS     0x01
#define SEG_OPT_WSCALE  0x02
#define SEG_OPT_SACK_OK 0x04
#define SEG_OPT_TS      0x08
#define SEG_OPT_SACK    0x10

struct seg {
	struct flow_key key;
	uint32_t hash; /* of key; the demux writes it */

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
	uint8_t port;    /* where it arrived */
	uint8_t csum_ok; /* SEG_CSUM_*: what the port has verified already */
	uint8_t round;   /* handed on by another core: N more may see it */
	const uint8_t *sack;

	uint8_t *frame;     /* Ethernet header */
	uint16_t frame_len; /* Ethernet header to the end of the IP datagram */
	uint16_t room;      /* bytes that the buffer has from frame on */
	uint16_t l3;        /* offset of the IPv4 (ARP) header from frame */
	uint16_t l4;        /* offset of the TCP (ICMP) header from frame */
	uint32_t ref;       /* the demux's guess which connection this is */
};

#define SEG_CSUM_IP 0x01
#define SEG_CSUM_L4 0x02

/* SEG.UP of the RFC, from SEG.SEQ on: with TCP_URG, while the frame is as it came. */
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

#endif
