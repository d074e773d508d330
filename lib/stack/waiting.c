/* SPDX-License-Identifier: BSD-3-Clause */
/* Keeps frames until ARP has found the MAC of their next hop. */
#include "stack/waiting.h"

#include "stack/private.h"

/* Addresses, ports and the sequence number. They are adjacent: our frames have no IPv4
 * options. */
#define SAME_AT  (sizeof(struct eth_hdr) + 12)
#define SAME_LEN 16

static void
drop_waiting(struct stack *st, const struct frame *f)
{
	void *buf = f->buf;

	st->io.free(st->io.ctx, &buf, 1);
	counter_drop(&st->count, DROP_NEIGH_UNRESOLVED);
}

static void
send_waiting(struct stack *st, struct frame *f, const uint8_t *mac)
{
	memcpy(f->data, mac, ETH_ALEN);
	*stack_frame_next(st, f->port) = *f;
	stack_frame_commit(st);
}

/* The waiting frame of the same flow with the same sequence number, or NULL. */
static struct waiting_frame *
find_same_frame(struct waiting *w, const struct frame *f)
{
	for (unsigned i = 0; i < w->n; i++)
		if (memcmp(w->frame[i].frame.data + SAME_AT, f->data + SAME_AT, SAME_LEN) == 0)
			return &w->frame[i];
	return NULL;
}

bool
waiting_add(struct stack *st, const struct frame *f, be32 hop)
{
	struct stack_if *p = &st->port[f->port];
	struct waiting *w = &p->waiting;
	struct waiting_frame *at = find_same_frame(w, f);
	const uint8_t *mac;
	void *old;

	/* FAILED, or no entry because the cache is full: no ARP request is under way */
	if (neigh_look(p->neigh, hop, &mac) != NEIGH_INCOMPLETE ||
	        (at == NULL && w->n == WAITING_MAX)) {
		drop_waiting(st, f);
		return false;
	}
	if (at != NULL) {
		old = at->frame.buf;
		st->io.free(st->io.ctx, &old, 1);
	} else {
		at = &w->frame[w->n++];
	}
	*at = (struct waiting_frame) {.frame = *f, .hop = hop, .since_ms = st->tcp.now.ms};
	return true;
}

void
waiting_look(struct stack *st, struct stack_if *p)
{
	struct waiting *w = &p->waiting;
	unsigned kept = 0;

	for (unsigned i = 0; i < w->n; i++) {
		struct waiting_frame *one = &w->frame[i];
		const uint8_t *mac;
		enum neigh_state state = neigh_look(p->neigh, one->hop, &mac);

		if (mac != NULL)
			send_waiting(st, &one->frame, mac);
		else if (state != NEIGH_INCOMPLETE ||
		         st->tcp.now.ms - one->since_ms >= WAITING_MS)
			drop_waiting(st, &one->frame);
		else
			w->frame[kept++] = *one;
	}
	w->n = kept;
}

void
waiting_drop(struct stack *st, struct stack_if *p)
{
	while (p->waiting.n > 0)
		drop_waiting(st, &p->waiting.frame[--p->waiting.n].frame);
}
