/* SPDX-License-Identifier: BSD-3-Clause */
/* echo: sends back what it receives (RFC 862), out of the very packets in which
 * it came.
 *
 * The peer may have so much under way as fits into QUEUE_MAX bytes and
 * PIECES_MAX packets; then its window closes until it reads. Without the second
 * limit, a peer that sends byte by byte and reads nothing would hold a packet
 * for each byte of its window, and soon all packets of the core.
 */
#include <stddef.h>

#include "services.h"

#define QUEUE_MAX  (128u << 10)
#define PIECES_MAX 512u

/* How many packets are held is counted in two generations, in hf_ctx() itself:
 * once all bytes but those of the new one are acknowledged, the old one is gone
 * and the new one is old. So it is never less than the truth, and at most the
 * packets of the last QUEUE_MAX bytes too many. */
union pieces {
	void *ctx;
	struct {
		uint16_t old, new;
		uint32_t new_bytes;
	};
};

static void
pieces_age(union pieces *p, uint32_t unacked)
{
	if (unacked == 0) {
		*p = (union pieces) {0};
	} else if (unacked <= p->new_bytes) {
		p->old = p->new;
		p->new = 0;
		p->new_bytes = 0;
	}
}

static void
offer(struct hf_core *h, struct hf_conn *c)
{
	uint32_t unacked = hf_unacked(h, c);

	hf_recv_room(h, c, unacked < QUEUE_MAX ? QUEUE_MAX - unacked : 0);
}

static void
echo_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	offer(h, c);
}

/* All or nothing: what is not taken comes again. */
static uint32_t
echo_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	uint32_t unacked = hf_unacked(h, c);
	union pieces p = {.ctx = hf_ctx(c)};
	struct hf_buf *b;

	pieces_age(&p, unacked);
	/* An empty queue takes any segment, else one longer than the limit
	 * would come again for ever. */
	if (unacked > 0 && (p.old + p.new >= PIECES_MAX || unacked + len > QUEUE_MAX))
		return 0;
	b = hf_keep(h, c);
	if (b == NULL)
		return 0;
	if (hf_send_buf(h, c, b, bytes, len) < 0) {
		hf_buf_free(h, b);
		return 0;
	}
	p.new ++;
	p.new_bytes += len;
	hf_set_ctx(c, p.ctx);
	offer(h, c);
	return len;
}

static void
echo_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	offer(h, c);
}

/* All that came before the FIN is queued by now: our FIN follows it. */
static void
echo_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	hf_close(h, c);
}

const struct hf_service service_echo = {
        .name = "echo",
        .opened = echo_opened,
        .data = echo_data,
        .room = echo_room,
        .peer_closed = echo_peer_closed,
};
