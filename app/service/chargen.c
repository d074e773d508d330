/* SPDX-License-Identifier: BSD-3-Clause */
/* chargen: lines of 72 characters, the ring of the 95 that print, one further
 * each line, without end (RFC 864). What the peer sends is ignored; its FIN ends
 * it, and so does a stack that drains, after what is queued. */
#include "service/idle.h"

#define CHARS      95u
#define LINE_CHARS 72u
#define RING       (CHARS * (LINE_CHARS + 2)) /* after so many bytes it repeats */
#define BLOCK      (8u * RING)                /* a descriptor's worth: 55 KB */
#define QUEUE_MAX  (4u * BLOCK)

struct chargen {
	struct idle_conf idle; /* first: idle_awake() */
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

/* Whole blocks, so that the ring goes on where it was. */
static void
fill(struct hf_core *h, void *self, struct hf_conn *c)
{
	const struct chargen *s = self;

	idle_awake(h, self, c);
	while (hf_unacked(h, c) + BLOCK <= QUEUE_MAX) {
		if (hf_send(h, c, s->block, BLOCK) < 0)
			break;
	}
	if (hf_unacked(h, c) == 0) /* and so room() would never come */
		hf_abort(h, c);
}

/* hf_ctx() is set once the end is near. */
static void
chargen_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	if (hf_ctx(c) == NULL)
		fill(h, self, c);
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
        .opened = fill,
        .room = chargen_room,
        .peer_closed = chargen_peer_closed,
        .draining = chargen_draining,
};
