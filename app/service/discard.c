/* SPDX-License-Identifier: BSD-3-Clause */
/* discard: the service that takes each byte and sends none (RFC 863). A peer that sends nothing
 * for long is reset.
 *
 * After the peer's FIN the stack closes the connection, because the service has no
 * peer_closed(). While the stack drains, the service sends its FIN first, because it has no
 * bytes to send, and takes the bytes that still come. */
#include "service/idle.h"

static void
discard_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	idle_awake(h, self, c);
}

static uint32_t
discard_data(
        struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)bytes;
	idle_awake(h, self, c);
	return len;
}

static void
discard_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	hf_shutdown(h, c);
	idle_awake(h, self, c);
}

const struct hf_service service_discard = {
        .name = "discard",
        .create = idle_create,
        .destroy = free,
        .opened = discard_opened,
        .data = discard_data,
        .deadline = idle_over,
        .draining = discard_draining,
};
