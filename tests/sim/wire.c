/* SPDX-License-Identifier: BSD-3-Clause */
/* The wire and its faults. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#define ETHERNET 14

static bool
earlier(const struct packet *a, const struct packet *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void
swap(struct packet *a, struct packet *b)
{
	struct packet c = *a;

	*a = *b;
	*b = c;
}

static void
insert(struct wire *w, struct packet p)
{
	unsigned i = w->n++;

	if (w->n > w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->heap = realloc(w->heap, w->room * sizeof(*w->heap));
		if (w->heap == NULL)
			sim_fail("no memory");
	}
	p.order = w->sent++;
	w->heap[i] = p;
	for (; i > 0 && earlier(&w->heap[i], &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
}

static struct packet
packet_of(const void *bytes, unsigned len, bool to_server, uint64_t at_us)
{
	struct packet p = {.at_us = at_us,
	        .bytes = malloc(len),
	        .len = (uint16_t)len,
	        .to_server = to_server};

	if (p.bytes == NULL)
		sim_fail("no memory");
	memcpy(p.bytes, bytes, len);
	return p;
}

static void
damage(struct wire *w, struct packet *p)
{
	uint8_t by = (uint8_t)(1 + rng_below(&w->rng, 255));

	if (p->len <= ETHERNET)
		return;
	if (rng_permille(&w->rng, w->faults.cut)) {
		p->len = (uint16_t)(ETHERNET + rng_below(&w->rng, p->len - ETHERNET));
		p->damaged = true;
	} else if (rng_permille(&w->rng, w->faults.damage)) {
		p->bytes[ETHERNET + rng_below(&w->rng, p->len - ETHERNET)] ^= by;
		p->damaged = true;
	}
}

void
wire_send(struct wire *w, uint64_t now_us, bool to_server, const void *bytes, unsigned len)
{
	unsigned copies = rng_permille(&w->rng, w->faults.twice) ? 2 : 1;

	while (copies-- > 0) {
		struct packet p;

		if (rng_permille(&w->rng, w->faults.loss))
			continue;
		p = packet_of(bytes, len, to_server,
		        now_us + w->faults.delay_us +
		                rng_below(&w->rng, w->faults.jitter_us + 1));
		damage(w, &p);
		insert(w, p);
	}
}

void
wire_pass(struct wire *w, uint64_t now_us, bool to_server, const void *bytes, unsigned len)
{
	insert(w, packet_of(bytes, len, to_server, now_us + w->faults.delay_us));
}

uint64_t
wire_next_us(const struct wire *w)
{
	return w->n > 0 ? w->heap[0].at_us : UINT64_MAX;
}

struct packet
wire_take(struct wire *w)
{
	struct packet first = w->heap[0];
	unsigned i = 0;

	w->heap[0] = w->heap[--w->n];
	for (;;) {
		unsigned least = i, left = 2 * i + 1;

		if (left < w->n && earlier(&w->heap[left], &w->heap[least]))
			least = left;
		if (left + 1 < w->n && earlier(&w->heap[left + 1], &w->heap[least]))
			least = left + 1;
		if (least == i)
			return first;
		swap(&w->heap[i], &w->heap[least]);
		i = least;
	}
}

void
wire_free(struct wire *w)
{
	while (w->n > 0)
		free(wire_take(w).bytes);
	free(w->heap);
	w->heap = NULL;
	w->room = 0;
}
