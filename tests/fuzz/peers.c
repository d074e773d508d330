/* SPDX-License-Identifier: BSD-3-Clause */
/* The peers' knowledge of each flow. */
#include "peers.h"

#include "base/seq.h"
#include "must.h"
#include "script.h"
#include "wire/checksum.h"
#include "wire/options.h"

#define IP_AT     (sizeof(struct eth_hdr))
#define IP_BYTES  (sizeof(struct ipv4_hdr))
#define TCP_BYTES (sizeof(struct tcp_hdr))

static struct peer_flow *
find(const struct peers *p, const struct flow_key *k)
{
	unsigned n = p->n < PEERS_MAX ? p->n : PEERS_MAX;

	for (unsigned i = 0; i < n; i++)
		if (flow_equal(&p->flow[i].key, k))
			return (struct peer_flow *)(uintptr_t)&p->flow[i];
	return NULL;
}

static struct peer_flow *
find_or_make(struct peers *p, const struct flow_key *k)
{
	struct peer_flow *f = find(p, k);

	if (f != NULL)
		return f;
	f = &p->flow[p->n % PEERS_MAX];
	/* once some are forgotten, a new one may be one of them */
	*f = (struct peer_flow) {.key = *k, .proved = p->n >= PEERS_MAX};
	p->n++;
	return f;
}

bool
peers_unheard(const struct peers *p, const struct peer_flow *f)
{
	return f->fresh || (f->asked && f->lost_then != p->lost);
}

void
peers_opened(struct peers *p, const struct flow_key *k)
{
	struct peer_flow *f = find(p, k);

	if (f == NULL || !f->settled) /* then its SYN was heard */
		return;
	f->fresh = true;
	f->learned = false;
}

/* The first answer shows the number (RFC 9293 3.10.7.4: SYN-RECEIVED answers segments out of
 * order from ISS + 1 on). */
static void
learn_unheard(struct peer_flow *f, const struct seg *s)
{
	f->settled = f->offered = false;
	f->proved |= f->guessed && f->guess == s->seq;
	if (f->learned)
		return;
	f->said = f->learned = true;
	f->iss = s->seq - 1;
	f->next = s->seq + seg_len(s);
}

/* RFC 9293 3.8.6: acknowledged text stays so. Nothing is sent beyond the window but the byte of
 * a probe and the FIN. */
static void
judge_numbers(const struct peers *p, struct peer_flow *f, const struct seg *s)
{
	if (s->flags & TCP_SYN) {
		f->settled = f->offered = f->asked = f->fresh = f->learned = false;
		f->lost_then = p->lost;
		f->scales = s->opts & SEG_OPT_WSCALE;
		return;
	}
	if (peers_unheard(p, f)) {
		learn_unheard(f, s);
		return;
	}
	must(!f->settled || p->late || seq_geq(s->ack, f->acks));
	f->settled = true;
	if (f->offered && s->len != 0)
		must(seq_leq(s->seq + s->len, f->edge + 1));
}

/* It was sent, as far as the peer can have seen, or may have been. */
static bool
may_acknowledge(const struct peers *p, const struct peer_flow *f, uint32_t ack)
{
	if (!f->said || seq_lt(ack, f->iss))
		return false;
	return seq_leq(ack, f->next) || p->late || f->lost_then != p->lost;
}

/* An upper bound: whether the stack believes it is its business. */
static void
note_window(const struct peers *p, struct peer_flow *f, const struct seg *s)
{
	uint32_t edge, shift;

	if ((s->flags & TCP_SYN) && (s->opts & SEG_OPT_WSCALE) && s->wscale > f->wscale)
		f->wscale = s->wscale < TCP_WSCALE_MAX ? s->wscale : TCP_WSCALE_MAX;
	if (!may_acknowledge(p, f, s->ack))
		return;
	shift = p->cookies ? TCP_WSCALE_MAX : f->scales ? f->wscale : 0;
	edge = s->ack + ((uint32_t)s->wnd << shift);
	if (!f->offered || seq_gt(edge, f->edge))
		f->edge = edge;
	f->offered = true;
}

void
peers_hear(struct peers *p, const struct seg *s)
{
	struct flow_key k = {s->key.laddr, s->key.raddr, s->key.lport, s->key.rport};
	struct peer_flow *f = find_or_make(p, &k);
	uint32_t end = s->seq + seg_len(s);

	f->out_bytes += s->frame_len - s->l3;
	f->out_resets += !!(s->flags & TCP_RST);
	if (s->flags & TCP_RST)
		return;
	judge_numbers(p, f, s);
	if (s->flags & TCP_SYN) {
		f->syn_bytes = s->frame_len - s->l3;
		f->iss = s->seq;
		f->next = end;
		f->said = true;
		/* in one burst, with a SYN, and right */
		f->proved |= f->guessed && f->guess == end;
		f->opened |= !(s->flags & TCP_ACK);
	}
	if (seq_gt(end, f->next))
		f->next = end;
	if (s->flags & TCP_ACK) {
		f->acks = s->ack;
		f->acked = true;
	}
	if (s->opts & SEG_OPT_TS)
		f->tsval = s->tsval;
}

void
peers_speak(struct peers *p, const struct seg *s)
{
	struct peer_flow *f = find_or_make(p, &s->key);

	f->in_bytes += s->frame_len - s->l3;
	f->in_frames++;
	f->in_resets += !!(s->flags & TCP_RST);
	note_window(p, f, s);
	f->asked |= !!(s->flags & TCP_SYN);
	if (!(s->flags & TCP_ACK))
		return;
	if (f->said && seq_gt(s->ack, f->iss) && seq_leq(s->ack, f->next))
		f->proved = true;
	f->guessed = true;
	f->guess = s->ack;
}

void
peers_turn(struct peers *p)
{
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		struct peer_flow *f = &p->flow[i];

		f->in_bytes = f->out_bytes = f->in_frames = f->in_resets = f->out_resets = 0;
		f->syn_bytes = 0;
		f->half = f->said;
		f->fresh = false;
	}
}

static void
add32(uint8_t *at, uint32_t n)
{
	be32_store(at, be32_load(at) + n);
}

static void
patch_options(const struct peer_flow *f, uint8_t *p, unsigned len, uint8_t how, uint32_t now_ms)
{
	for (unsigned i = 0, n; i < len && p[i] != TCP_OPT_EOL; i += n) {
		n = 1;
		if (p[i] == TCP_OPT_NOP)
			continue;
		if (len - i < 2 || p[i + 1] < 2 || p[i + 1] > len - i)
			return;
		n = p[i + 1];
		if (p[i] == TCP_OPT_TS && n == 10 && (how & HOW_TS)) {
			add32(p + i + 2, now_ms);
			add32(p + i + 6, f->tsval);
		}
		if (p[i] == TCP_OPT_SACK && (how & HOW_ACK))
			for (unsigned j = 2; j + 4 <= n; j += 4)
				add32(p + i + j, f->next);
	}
}

/* The port from which the stack opened to here last. */
static void
patch_port(const struct peers *p, uint8_t *tcp, struct flow_key *k)
{
	unsigned oldest = p->n > PEERS_MAX ? p->n - PEERS_MAX : 0;

	for (unsigned i = p->n; i-- > oldest;) {
		const struct peer_flow *f = &p->flow[i % PEERS_MAX];

		if (!f->opened || f->key.raddr != k->raddr || f->key.rport != k->rport)
			continue;
		memcpy(tcp + 2, &f->key.lport, 2);
		k->lport = f->key.lport;
		return;
	}
}

static void
patch_tcp(const struct peers *p, uint8_t *ip, uint8_t *tcp, unsigned len, uint8_t how,
        struct clock now)
{
	unsigned header = (tcp[12] >> 4) * 4u;
	const struct peer_flow *f;
	struct flow_key k;

	memcpy(&k, ip + 12, 8);
	memcpy(&k.rport, tcp, 4);
	if (how & HOW_PORT)
		patch_port(p, tcp, &k);
	f = find(p, &k);
	if (f == NULL)
		return;
	if ((how & HOW_SEQ) && f->acked)
		add32(tcp + 4, f->acks);
	if ((how & HOW_ACK) && f->said)
		add32(tcp + 8, f->next);
	if (header > TCP_BYTES && header <= len)
		patch_options(f, tcp + TCP_BYTES, header - TCP_BYTES, how, now.ms);
}

/* The TCP header that an ICMP error quotes, as the stack sent it. */
static void
patch_quoted(const struct peers *p, uint8_t *ip, unsigned len, uint8_t how)
{
	const struct peer_flow *f;
	struct flow_key k;

	if (len < IP_BYTES + 8 || ip[9] != IPPROTO_TCP_)
		return;
	memcpy(&k.laddr, ip + 12, 4);
	memcpy(&k.raddr, ip + 16, 4);
	memcpy(&k.lport, ip + IP_BYTES, 2);
	memcpy(&k.rport, ip + IP_BYTES + 2, 2);
	if (how & HOW_PORT) {
		uint8_t ports[4];

		patch_port(p, ports, &k);
		memcpy(ip + IP_BYTES, &k.lport, 2);
	}
	f = find(p, &k);
	if (f != NULL && (how & HOW_SEQ))
		add32(ip + IP_BYTES + 4, f->next);
}

/* The parser verifies those of ICMP in any case. */
static void
fix_sums(uint8_t *ip, uint8_t *l4, unsigned len, uint8_t how)
{
	bool tcp = ip[9] == IPPROTO_TCP_;
	unsigned at = tcp ? 16 : 2;
	be16 sum;

	if ((tcp && !(how & HOW_SUMS)) || len < at + 2)
		return;
	if (how & HOW_SUMS) {
		be16 header = checksum_ipv4((const struct ipv4_hdr *)(const void *)ip);

		memcpy(ip + 10, &header, 2);
	}
	memset(l4 + at, 0, 2);
	sum = (be16)~checksum_fold(checksum_add(
	        tcp ? checksum_pseudo(ip + 12, IPPROTO_TCP_, (uint16_t)len) : 0, l4, len));
	memcpy(l4 + at, &sum, 2);
}

void
peers_patch(const struct peers *p, uint8_t *frame, unsigned len, uint8_t how, struct clock now)
{
	uint8_t *ip = frame + IP_AT, *l4;
	unsigned ihl, total;

	if (len < IP_AT + IP_BYTES || ip[0] >> 4 != 4)
		return;
	ihl = (ip[0] & 15) * 4u;
	total = be16_load(ip + 2);
	if (ihl < IP_BYTES || total > len - IP_AT || total < ihl + 8)
		return;
	l4 = ip + ihl;
	total -= ihl;
	if (ip[9] == IPPROTO_TCP_ && total >= TCP_BYTES)
		patch_tcp(p, ip, l4, total, how, now);
	else if (ip[9] == IPPROTO_ICMP_ && l4[0] != ICMP_ECHO)
		patch_quoted(p, l4 + sizeof(struct icmp_hdr),
		        total - (unsigned)sizeof(struct icmp_hdr), how);
	if (ip[9] == IPPROTO_TCP_ || ip[9] == IPPROTO_ICMP_)
		fix_sums(ip, l4, total, how);
}
