/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP (RFC 792): answers echo requests in place, and matches errors to connections. */
#include "stack/private.h"
#include "tcp/flows.h"

#define QUOTED_MIN (sizeof(struct ipv4_hdr) + 8) /* RFC 792: header and 64 bits */

/* The flow and sequence number that an error quotes. */
static bool
read_quoted_flow(const struct seg *s, struct flow_key *k, uint32_t *seq)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)(const void *)s->text;
	const uint8_t *l4;
	unsigned ihl;

	if (s->len < QUOTED_MIN)
		return false;
	ihl = (ip->version_ihl & 15) * 4u;
	if (ip->version_ihl >> 4 != 4 || ihl < sizeof(*ip) || s->len < ihl + 8 ||
	        ip->protocol != IPPROTO_TCP_ || ip->src != s->key.laddr)
		return false;
	l4 = s->text + ihl;
	k->raddr = ip->dst;
	k->laddr = ip->src;
	memcpy(&k->lport, l4, 2);
	memcpy(&k->rport, l4 + 2, 2);
	*seq = be32_load(l4 + 4);
	return true;
}

/* The reason for each code of "unreachable" (RFC 1122 3.2.2.1, RFC 1812 5.2.7.1). */
static enum hf_reason
unreachable_reason(uint8_t code)
{
	switch (code) {
	case ICMP_UNREACH_PROTOCOL:
		return HF_NO_PROTOCOL;
	case ICMP_UNREACH_PORT:
		return HF_REFUSED;
	case ICMP_UNREACH_NET:
	case ICMP_UNREACH_ROUTE: /* we send no source routes */
	case ICMP_UNREACH_NO_NET:
	case ICMP_UNREACH_NET_TOS:
		return HF_NET_UNREACHABLE;
	case ICMP_UNREACH_NET_BAR:
	case ICMP_UNREACH_HOST_BAR:
		return HF_PROHIBITED;
	}
	return code >= ICMP_UNREACH_FILTER && code <= ICMP_UNREACH_CUTOFF ? HF_PROHIBITED
	                                                                  : HF_HOST_UNREACHABLE;
}

/* Read the meaning of an error. Hard errors are those of RFC 9293 3.9.2.2, and, as in BSD, a
 * filter and a route that leads in a circle: waiting lets no SYN through them. */
static void
read_error(const struct icmp_hdr *icmp, struct tcp_icmp *e)
{
	switch (icmp->type) {
	case ICMP_UNREACHABLE:
		e->why = unreachable_reason(icmp->code);
		e->hard = e->why != HF_HOST_UNREACHABLE && e->why != HF_NET_UNREACHABLE;
		if (icmp->code != ICMP_UNREACH_FRAG)
			return;
		e->mtu = be16_to_cpu(icmp->sequence);
		if (e->mtu == 0) /* a router from before RFC 1191 */
			e->mtu = 1;
		return;
	case ICMP_TIME_EXCEEDED:
		e->why = HF_HOST_UNREACHABLE;
		e->hard = icmp->code == ICMP_EXCEEDED_TTL;
		return;
	default: /* ICMP_PARAMETER */
		e->why = HF_BAD_PROTOCOL;
		return;
	}
}

static enum drop
handle_icmp_error(struct stack *st, struct seg *s, const struct icmp_hdr *icmp)
{
	struct tcp_icmp e = {0};
	struct tcp_conn *c;
	struct flow_key k;

	if (!read_quoted_flow(s, &k, &e.seq))
		return DROP_ICMP_UNMATCHED;
	c = flows_find_conn(&st->tcp, &k);
	if (c == NULL)
		return stack_error_away(st, s, &k);
	read_error(icmp, &e);
	return tcp_icmp_error(&st->tcp, c, &e);
}

enum drop
stack_icmp(struct stack *st, struct seg *s)
{
	const struct icmp_hdr *icmp = (const struct icmp_hdr *)(const void *)(s->frame + s->l4);

	switch (icmp->type) {
	case ICMP_ECHO:
		if (!answers_take(&st->echoes, s->key.raddr, st->tcp.now.us))
			return DROP_ICMP_RATE;
		if (!stack_own(st, s))
			return DROP_NONE; /* counted */
		build_echo_reply(s, st->port[s->port].conf.mac);
		counter_add(&st->count.icmp_echo, 1);
		stack_answer(st, s, 0);
		return DROP_NONE;
	case ICMP_UNREACHABLE:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER:
		return handle_icmp_error(st, s, icmp);
	default:
		return DROP_ICMP_TYPE;
	}
}
