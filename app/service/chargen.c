/* SPDX-License-Identifier: BSD-3-Clause */
/* chargen: the service that sends lines without end (RFC 864). A line has 72 of the 95
 * printing characters; the next line begins one character later in their ring.
 *
 * Bytes from the peer are ignored. The peer's FIN ends the connection, and so does a stack that
 * drains, after the queued bytes. */
#include "service/idle.h"

#define CHARS      95u
#define LINE_CHARS 72u
#define RING       (CHARS * (LINE_CHARS + 2)) /* the number of bytes after which lines repeat */
#define BLOCK      (8u * RING)                /* the bytes of one descriptor, 55 KB */
#define QUEUE_MAX  (4u * BLOCK)

struct chargen {
	struct idle_conf idle; /* must be first: idle_awake() reads it */
	char block[BLOCK];
};

static void *
chargen_create(const void *conf, int numa_node)
{
	struct chargen *s = malloc(sizeof(*s));
	char *at;

	(void)numa_node;
	if (s == NULL)
		return NULL;
	s->idle.idle_ms = idle_ms_of(conf);
	at = s->block;
	for (unsigned line = 0; line < BLOCK / (LINE_CHARS + 2); line++) {
		for (unsigned i = 0; i < LINE_CHARS; i++)
			*at++ = (char)(' ' + (line + i) % CHARS);
		*at++ = '\r';
		*at++ = '\n';
	}
	return s;
}

/* Queues whole blocks, so that each block continues the ring of the one before. */
static void
chargen_fill(struct hf_core *h, void *self, struct hf_conn *c)
{
	const struct chargen *s = self;

	idle_awake(h, self, c);
	while (hf_unacked(h, c) + BLOCK <= QUEUE_MAX) {
		if (hf_send(h, c, s->block, BLOCK) < 0)
			break;
	}
	if (hf_unacked(h, c) == 0) /* without bytes in flight, room() would never be called */
		hf_abort(h, c);
}

/* hf_ctx() is set when the connection is ending. */
static void
chargen_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	if (hf_ctx(c) == NULL)
		chargen_fill(h, self, c);
}

static void
chargen_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	hf_set_ctx(c, self);
	hf_close(h, c);
}

static void
chargen_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	hf_set_ctx(c, self);
	hf_linger(h, c);
}

const struct hf_service service_chargen = {
        .name = "chargen",
        .create = chargen_create,
        .destroy = free,
        .opened = chargen_fill,
        .room = chargen_room,
        .peer_closed = chargen_peer_closed,
        .draining = chargen_draining,
};
