/* SPDX-License-Identifier: BSD-3-Clause */
/* Takes a burst of packets: drops those with impossible addresses and hands each of the others
 * to its protocol, or to another core. */
#include "stack/private.h"
#include "tcp/flows.h"

static struct eth_hdr *
eth_of(const struct seg *s)
{
	return (struct eth_hdr *)(void *)s->frame;
}

/* No packet has one of these sources (RFC 1122 3.2.1.3): 0/8, 127/8, multicast, the limited
 * broadcast, and the broadcast of this link, which a link of two hosts does not have (RFC
 * 3021). 240/4 is accepted, as in Linux. */
bool
stack_is_martian(const struct stack_port *p, be32 src)
{
	uint8_t first = (uint8_t)src; /* network order: the lowest byte here */

	return first == 0 || first == 127 || first >> 4 == 14 || src == UINT32_MAX ||
	       (src == (p->ip | ~p->netmask) && be32_to_cpu(~p->netmask) > 1);
}

/* Compare six bytes. Eight are loaded, and the last two are shifted out. */
static inline bool
is_same_mac(const uint8_t *frame, uint64_t mac_word)
{
	uint64_t first;

	memcpy(&first, frame, sizeof(first));
	return (first ^ mac_word) << 16 == 0;
}

/* Check the addresses of an IPv4 packet (strong host model: the port's own address). */
static inline enum drop
check_addresses(const struct stack *st, const struct seg *s)
{
	const struct stack_port *p = &st->port[s->port].conf;

	if (eth_of(s)->src[0] & 1) /* an answer would go to a group */
		return DROP_IP_MARTIAN;
	if (!is_same_mac(s->frame, st->port[s->port].mac_word))
		return DROP_ETH_DST;
	if (!stack_is_local(st, p, s->key.laddr))
		return DROP_IP_NOT_OURS;
	if (s->key.raddr == p->ip || stack_is_source(st, s->key.raddr) ||
	        (st->tcp.nranges > 1 && tcp_addr_index(&st->tcp, s->key.raddr) >= 0))
		return DROP_IP_LAND;
	return stack_is_martian(p, s->key.raddr) ? DROP_IP_MARTIAN : DROP_NONE;
}

/* May another core have opened the flow of s? A SYN opens a flow, which belongs to the core
 * that received it. A segment that another core handed over goes no further. */
static bool
is_of_other_core(const struct stack *st, const struct seg *s, unsigned *core)
{
	const struct steer *steer = st->port[s->port].conf.steer;
	const struct tcp_conf *conf = &st->tcp.conf;
	uint16_t lport = be16_to_cpu(s->key.lport);

	if (steer == NULL || st->io.hand_over == NULL || st->shared)
		return false;
	if ((s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return false;
	if (lport < conf->port_first || lport > conf->port_last)
		return false;
	*core = steer_core(steer, &s->key);
	return *core != conf->core;
}

bool
stack_hand_over(void *below, struct seg *s, enum drop *why)
{
	struct stack *st = below;
	unsigned core;

	if (!is_of_other_core(st, s, &core))
		return false;
	*why = DROP_HAND_OVER;
	if (st->io.hand_over(st->io.ctx, core, s)) {
		counter_add(&st->count.handed_over, 1);
		*why = DROP_NONE;
	}
	return true;
}

static enum drop
handle_tcp(struct stack *st, struct seg *s)
{
	memcpy(st->peer_mac, eth_of(s)->src, ETH_ALEN);
	return tcp_segment(&st->tcp, s);
}

static enum drop
handle_packet(struct stack *st, struct seg *s)
{
	switch ((enum seg_kind)s->kind) {
	case SEG_TCP:
		return handle_tcp(st, s);
	case SEG_ICMP:
		return stack_icmp(st, s);
	case SEG_ARP:
		return stack_arp(st, s);
	case SEG_OTHER:
		return stack_other(st, s);
	case SEG_NONE:
		break;
	}
	return DROP_NONE;
}

void
stack_input(struct stack *st, struct seg *seg, unsigned n)
{
	uint8_t tcp[LIMIT_BURST];
	unsigned ntcp = 0;
	enum drop why;

	for (unsigned i = 0; i < n; i++) {
		struct seg *s = &seg[i];

		if (s->kind != SEG_TCP && s->kind != SEG_ICMP)
			continue;
		if ((why = check_addresses(st, s)) != DROP_NONE) {
			s->kind = SEG_NONE;
			counter_drop(&st->count, why);
		} else if (s->kind == SEG_TCP) {
			tcp[ntcp++] = (uint8_t)i;
		}
	}
	if (ntcp != 0)
		flows_look_ahead(&st->tcp, seg, tcp, ntcp);
	for (unsigned i = 0; i < n; i++) {
		if ((why = handle_packet(st, &seg[i])) != DROP_NONE)
			counter_drop(&st->count, why);
	}
	if (st->tcp.syns.n != 0)
		tcp_answer_syns(&st->tcp);
	memset(st->peer_mac, 0, ETH_ALEN);
}

void
stack_input_shared(struct stack *st, struct seg *seg, unsigned n)
{
	st->shared = true;
	stack_input(st, seg, n);
	st->shared = false;
}
