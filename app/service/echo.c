/* SPDX-License-Identifier: BSD-3-Clause */
/* echo: sends back what it receives (RFC 862), out of the very packets in which
 * it came.
 *
 * The peer may have so much under way as fits into QUEUE_MAX bytes; then its
 * window closes until it reads. Who sends byte by byte and reads nothing holds a
 * packet for each byte: hf_send_buf() ends that, and what is refused comes again.
 *
 * While the stack drains it goes on, and closes once nothing has come for a moment.
 */
#include <stddef.h>

#include "service/idle.h"

#define QUEUE_MAX (128u << 10)

static void
offer(struct hf_core *h, struct hf_conn *c)
{
	uint32_t unacked = hf_unacked(h, c);

	hf_recv_room(h, c, unacked < QUEUE_MAX ? QUEUE_MAX - unacked : 0);
}

static void
echo_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	idle_awake(h, self, c);
	offer(h, c);
}

/* All or nothing: what is not taken comes again. */
static uint32_t
echo_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	uint32_t unacked = hf_unacked(h, c);
	struct hf_buf *b;

	/* An empty queue takes any segment, else one longer than the limit
	 * would come again for ever. */
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
	offer(h, c);
	return len;
}

static void
echo_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	idle_awake(h, self, c);
	offer(h, c);
}

/* All that came before the FIN is queued by now: our FIN follows it. */
static void
echo_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)self;
	hf_close(h, c);
}

static void
echo_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	idle_awake(h, self, c);
}

const struct hf_service service_echo = {
        .name = "echo",
        .create = idle_create,
        .destroy = free,
        .opened = echo_opened,
        .data = echo_data,
        .room = echo_room,
        .peer_closed = echo_peer_closed,
        .deadline = idle_over,
        .draining = echo_draining,
};
