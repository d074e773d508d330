/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP (RFC 826, RFC 5227): answers requests for our addresses in place, and tells the neighbour
 * cache what packets say. */
#include "stack/private.h"

void
stack_arp_ask(void *port, be32 target, const uint8_t *dst)
{
	struct stack_if *p = port;
	struct stack *st = p->stack;
	struct frame *f = stack_frame_next(st, p->index);

	if (!stack_frame_take(st, f))
		return;
	f->len = (uint16_t)build_arp_request(f->data, p->conf.mac, p->conf.ip, target, dst);
	f->port = p->index;
	f->offload = 0;
	f->stranger = false;
	counter_add(&st->count.arp_asked, 1);
	stack_frame_commit(st);
}

/* Budgets know a sender by its MAC, since a probe has no IP address yet. */
static uint64_t
arp_sender(const struct arp_hdr *a)
{
	uint64_t mac = 0;

	memcpy(&mac, a->sha, ETH_ALEN);
	return mac;
}

enum drop
stack_arp(struct stack *st, struct seg *s)
{
	struct stack_if *p = &st->port[s->port];
	const struct arp_hdr *a = (const struct arp_hdr *)(const void *)(s->frame + s->l3);
	bool for_us = stack_is_local(st, &p->conf, s->key.laddr);
	bool request = be16_to_cpu(a->oper) == ARP_REQUEST;
	enum drop why = DROP_ARP_NOT_OURS;

	if (p->conf.ip == 0) /* the sender of a probe is 0, too */
		return DROP_ARP_NOT_OURS;
	if (a->sha[0] & 1) /* an answer would go to a group */
		return DROP_ARP_MALFORMED;
	if (stack_is_local(st, &p->conf, s->key.raddr) &&
	        memcmp(a->sha, p->conf.mac, ETH_ALEN) != 0)
		return DROP_ARP_CONFLICT;
	if (s->key.raddr != 0) /* 0: a probe (RFC 5227 2.1.1), which tells nothing */
		why = neigh_input(
		        p->neigh, s->key.raddr, a->sha, for_us && !request, st->tcp.now);
	if (why == DROP_NONE)
		waiting_look(st, p);
	if (!for_us) /* an announcement is for all, and may have updated the cache */
		return why == DROP_NONE || why == DROP_ARP_CLAIM ? why : DROP_ARP_NOT_OURS;
	if (!request || st->shared) /* the core that received the request answers it */
		return why;
	if (!answers_take(&st->arp_answers, arp_sender(a), st->tcp.now.us))
		return DROP_ARP_RATE;
	if (!stack_own(st, s))
		return DROP_NONE; /* counted */
	build_arp_reply(s, p->conf.mac);
	counter_add(&st->count.arp_answered, 1);
	stack_answer(st, s, 0);
	return why == DROP_ARP_CLAIM ? why : DROP_NONE;
}
