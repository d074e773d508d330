/* SPDX-License-Identifier: BSD-3-Clause */
/* The records of loss: which connection has one, and which one loses it when none is free. */
#include "tcp/loss.h"

uint32_t
loss_records(uint32_t max_conns)
{
	uint32_t eighth = max_conns / 8, least = eighth > LOSS_LEAST ? eighth : LOSS_LEAST;

	return least < max_conns ? least : max_conns;
}

/* The owner continues without a record. Its timer repairs what recovery had begun. */
static void
loss_take_from(struct tcp *t, struct tcp_conn *owner)
{
	owner->flags &= (uint16_t)~CONN_RECOVERY;
	owner->guarded = 0;
	owner->dupacks = 0;
	loss_give(t, owner);
}

/* All records are taken, so each has an owner. */
static void
loss_make_room(struct tcp *t)
{
	struct tcp_conn *idle = NULL;
	uint32_t longest = LOSS_IDLE - 1;

	for (unsigned n = 0; n < LOSS_LOOK && n < t->losses.capacity; n++) {
		const struct tcp_loss *l = pool_at(&t->losses, t->loss_hand);
		struct tcp_conn *owner = tcp_conn_at(t, l->owner);
		uint32_t ago = clock_stamp(t->now) - owner->heard;

		t->loss_hand = t->loss_hand + 1 < t->losses.capacity ? t->loss_hand + 1 : 0;
		if (ago > longest) {
			longest = ago;
			idle = owner;
		}
	}
	if (idle != NULL)
		loss_take_from(t, idle);
}

struct tcp_loss *
loss_take(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_loss *l;
	uint32_t i;

	if (c->flags & CONN_LOSS)
		return loss_of(t, c);
	if (t->losses.used == t->losses.capacity)
		loss_make_room(t);
	i = pool_take(&t->losses);
	if (i == POOL_NONE) {
		counter_add(&t->count->loss_records_full, 1);
		return NULL;
	}
	l = pool_at(&t->losses, i);
	*l = (struct tcp_loss) {.owner = tcp_index(t, c)};
	tcp_rare(t, c)->loss = i;
	c->flags |= CONN_LOSS;
	return l;
}

void
loss_give(struct tcp *t, struct tcp_conn *c)
{
	c->flags &= (uint16_t)~CONN_LOSS;
	pool_give(&t->losses, tcp_rare(t, c)->loss);
}

/* An ICMP claim counts until something is acknowledged. */
void
loss_give_if_settled(struct tcp *t, struct tcp_conn *c)
{
	const struct tcp_loss *l = loss_of(t, c);

	if (c->snd_una == c->snd_max && !c->guarded && !(c->flags & CONN_RECOVERY) &&
	        l->mss_full == 0 && (l->mss_claimed == 0 || l->claim_una != c->snd_una))
		loss_give(t, c);
}
