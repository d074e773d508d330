/* SPDX-License-Identifier: BSD-3-Clause */
/* echo: the service that sends back each byte (RFC 862), from the packet buffers in which the
 * bytes arrived.
 *
 * A peer may have QUEUE_MAX bytes in flight; then its window closes until it reads. A peer that
 * sends single bytes and reads nothing would hold a packet buffer for each byte. hf_send_buf()
 * limits that, and the stack offers refused bytes again.
 *
 * While the stack drains, the service goes on, and it closes when no byte has come for a short
 * time (rest.h).
 */
#include <stddef.h>

#include "service/idle.h"

#define QUEUE_MAX (128u << 10)

static void
echo_offer_room(struct hf_core *h, struct hf_conn *c)
{
	uint32_t unacked = hf_unacked(h, c);

	hf_recv_room(h, c, unacked < QUEUE_MAX ? QUEUE_MAX - unacked : 0);
}

static void
echo_service_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	idle_awake(h, self, c);
	echo_offer_room(h, c);
}

/* Takes all bytes or none; the stack offers them again. */
static uint32_t
echo_service_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	uint32_t unacked = hf_unacked(h, c);
	struct hf_buf *b;

	/* An empty queue takes any segment. Otherwise a segment longer than the limit would be
	 * offered again and again. */
	if (unacked > 0 && unacked + len > QUEUE_MAX)
		return 0;
	b = hf_keep(h, c);
	if (b == NULL)
		return 0;
	if (hf_send_buf(h, c, b, bytes, len) < 0) {
		hf_buf_free(h, b);
		return 0;
	}
	idle_awake(h, self, c);
	echo_offer_room(h, c);
	return len;
}

static void
echo_service_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	idle_awake(h, self, c);
	echo_offer_room(h, c);
}

/* All bytes before the peer's FIN are queued, and the service's FIN follows them. */
static void
echo_service_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)self;
	hf_close(h, c);
}

static void
echo_service_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	idle_awake(h, self, c);
}

const struct hf_service service_echo = {
        .name = "echo",
        .create = idle_create,
        .destroy = free,
        .opened = echo_service_opened,
        .data = echo_service_data,
        .room = echo_service_room,
        .peer_closed = echo_service_peer_closed,
        .deadline = idle_over,
        .draining = echo_service_draining,
};
