/* SPDX-License-Identifier: BSD-3-Clause */
/* discard: throws away what it receives (RFC 863), until it has received nothing for
 * long. The peer's FIN ends it, as the stack does when there is nobody to ask. While the
 * stack drains our FIN comes first, for there is nothing to say, and what still comes is
 * taken. */
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
