/* SPDX-License-Identifier: BSD-3-Clause */
/* Templates of frames, for new steps of a script. */
#include "templates.h"

#include <string.h>

#include "puppet.h"
#include "stack/rig.h"

#define SEQ_AT (sizeof(struct eth_hdr) + sizeof(struct ipv4_hdr) + 4)

struct speaker {
	be32 addr;
	uint16_t sport, dport; /* dport 0: a connection of the stack's to here */
	uint8_t port;
	bool ts;
};

uint32_t
rng_next(struct rng *r)
{
	r->s += 0x9e3779b97f4a7c15;
	uint64_t z = (r->s ^ (r->s >> 30)) * 0xbf58476d1ce4e5b9;

	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)(z >> 32);
}

/* There are few flows, so that packets meet: to both listeners, to a port without one, and
 * those that we open. */
static struct speaker
speaker(unsigned who)
{
	struct speaker s = {.addr = rig_ip(10, 0, 0, 1),
	        .sport = (uint16_t)(40000 + who),
	        .dport = 80,
	        .ts = who & 1};

	if (who >= 8 && who < 14) {
		s.sport = (uint16_t)(PUPPET_CALLS + who % PUPPET_PEERS);
		s.dport = 0;
	}
	if (who == 4 || who == 5 || who == 12 || who == 13)
		s.addr = rig_ip(192, 0, 2, 1);
	if (who == 6)
		s.dport = 81;
	if (who == 7 || who == 15) {
		s.port = 1;
		s.addr = rig_ip(10, 0, 1, 1);
	}
	return s;
}

static struct tcp_opts
options(const struct speaker *who, bool syn, struct rng *r)
{
	struct tcp_opts o = {.mss = 1460, .wscale = (uint8_t)rng_below(r, 16)};

	if (who->ts)
		o.present |= SEG_OPT_TS;
	if (syn && rng_below(r, 4) != 0)
		o.present |= SEG_OPT_MSS;
	if (syn && rng_below(r, 2) != 0)
		o.present |= SEG_OPT_WSCALE | SEG_OPT_SACK_OK;
	if (!syn && rng_below(r, 8) == 0) {
		o.present |= SEG_OPT_SACK;
		o.nsack = (uint8_t)(1 + rng_below(r, 3));
		for (unsigned i = 0; i < o.nsack; i++) {
			o.sack[i].left = 0u - 1000 * (i + 1);
			o.sack[i].right = o.sack[i].left + 500;
		}
	}
	if (rng_below(r, 4) == 0)
		o.mss = (uint16_t)(rng_below(r, 2) ? 0 : rng_below(r, 600));
	return o;
}

static uint8_t
flags_of(enum template what, struct rng *r)
{
	switch (what) {
	case TEMPLATE_SYN:
		return TCP_SYN;
	case TEMPLATE_SYN_ACK:
		return TCP_SYN | TCP_ACK;
	case TEMPLATE_TEXT:
		return TCP_ACK | TCP_PSH;
	case TEMPLATE_FIN:
		return TCP_FIN | TCP_ACK;
	case TEMPLATE_RST:
		return rng_below(r, 2) ? TCP_RST : TCP_RST | TCP_ACK;
	case TEMPLATE_ACK:
	case TEMPLATE_ARP_REPLY:
	case TEMPLATE_ARP_REQUEST:
	case TEMPLATE_ECHO:
	case TEMPLATE_ICMP_ERROR:
	case TEMPLATES:
		break;
	}
	return TCP_ACK;
}

static uint8_t
how_of(const struct speaker *who)
{
	return (uint8_t)(HOW_SEQ | HOW_ACK | HOW_TS | (who->dport == 0 ? HOW_PORT : 0) |
	                 (who->port == 1 ? HOW_PORT_1 : 0));
}

static void
say_tcp(struct draft_step *s, enum template what, const struct speaker *who, struct rng *r)
{
	static const uint16_t wnd[] = {65535, 65535, 10000, 1000, 1, 0};
	static const uint16_t lens[] = {1, 2, 10, 100, 536, 1000, 1400};
	uint8_t text[1400];
	bool syn = what == TEMPLATE_SYN || what == TEMPLATE_SYN_ACK;
	struct say w = {
	        .src = who->addr,
	        .sport = who->sport,
	        .dport = who->dport,
	        .port = who->port,
	        .wnd = wnd[rng_below(r, sizeof(wnd) / sizeof(*wnd))],
	        .flags = flags_of(what, r),
	        .opts = options(who, syn, r),
	};

	memset(text, (int)rng_next(r), sizeof(text));
	text[0] = (uint8_t)rng_next(r);
	if (what == TEMPLATE_TEXT || (what == TEMPLATE_FIN && rng_below(r, 4) == 0)) {
		w.text = text;
		w.len = lens[rng_below(r, sizeof(lens) / sizeof(*lens))];
	}
	s->len = (uint16_t)rig_build(&w, s->frame);
	s->how = how_of(who);
	if (!syn)
		return;
	if (rng_below(r, 4) == 0) { /* the one that it had */
		be32_store(s->frame + SEQ_AT, UINT32_MAX);
		return;
	}
	s->how &= (uint8_t)~HOW_SEQ;
	be32_store(s->frame + SEQ_AT, rng_next(r));
}

static void
say_arp(struct draft_step *s, enum template what, const struct speaker *who)
{
	const struct stack_port *p = &rig_ports[who->port];
	uint8_t mac[ETH_ALEN] = {2, 0, 0, 0, 0, (uint8_t)(who->addr >> 24)};
	struct seg seg = {.frame = s->frame};

	s->how = who->port == 1 ? HOW_PORT_1 : 0;
	if (what == TEMPLATE_ARP_REQUEST) {
		s->len = (uint16_t)build_arp_request(s->frame, mac, who->addr, p->ip, NULL);
		return;
	}
	s->len = (uint16_t)build_arp_request(s->frame, p->mac, p->ip, who->addr, NULL);
	seg.frame_len = s->len;
	parse_frame(&seg);
	build_arp_reply(&seg, mac);
}

/* An ICMP message of this type with `len` bytes of text. */
static void
say_icmp(struct draft_step *s, const struct speaker *who, uint8_t type, uint8_t code,
        const uint8_t *text, unsigned len)
{
	struct say w = {.src = who->addr, .port = who->port, .text = text, .len = len};
	uint8_t *ip = s->frame + sizeof(struct eth_hdr), *icmp = ip + sizeof(struct ipv4_hdr);

	s->len = (uint16_t)(rig_build(&w, s->frame) - 12); /* ICMP's header is shorter */
	be16_store(ip + 2, (uint16_t)(s->len - sizeof(struct eth_hdr)));
	ip[9] = IPPROTO_ICMP_;
	memset(icmp, 0, sizeof(struct icmp_hdr));
	icmp[0] = type;
	icmp[1] = code;
	if (len != 0)
		memcpy(icmp + sizeof(struct icmp_hdr), text, len);
	s->how = how_of(who);
}

static void
say_icmp_error(struct draft_step *s, const struct speaker *who, struct rng *r)
{
	static const uint8_t type[] = {
	        ICMP_UNREACHABLE, ICMP_UNREACHABLE, ICMP_TIME_EXCEEDED, ICMP_PARAMETER};
	static const uint16_t mtu[] = {0, 68, 576, 1400, 9000};
	const struct stack_port *p = &rig_ports[who->port];
	struct say quoted = {.src = p->ip,
	        .dst = who->addr,
	        .sport = who->dport,
	        .dport = who->sport,
	        .seq = rng_below(r, 2) ? UINT32_MAX : 0u - rng_below(r, 2000),
	        .flags = TCP_ACK,
	        .port = who->port};
	uint8_t frame[128];

	rig_build(&quoted, frame);
	say_icmp(s, who, type[rng_below(r, sizeof(type))], (uint8_t)rng_below(r, 6),
	        frame + sizeof(struct eth_hdr), 28);
	be16_store(s->frame + 40, mtu[rng_below(r, 5)]);
}

void
template_step(struct draft_step *s, enum template what, unsigned who, struct rng *r)
{
	struct speaker speaks = speaker(who % SPEAKERS);

	s->delay = rng_below(r, 4) == 0 ? (uint8_t)rng_next(r) : 0;
	switch (what) {
	case TEMPLATE_SYN:
	case TEMPLATE_SYN_ACK:
	case TEMPLATE_ACK:
	case TEMPLATE_TEXT:
	case TEMPLATE_FIN:
	case TEMPLATE_RST:
		say_tcp(s, what, &speaks, r);
		break;
	case TEMPLATE_ARP_REPLY:
	case TEMPLATE_ARP_REQUEST:
		say_arp(s, what, &speaks);
		break;
	case TEMPLATE_ECHO:
		say_icmp(s, &speaks, ICMP_ECHO, 0, (const uint8_t *)"echo", rng_below(r, 5));
		break;
	case TEMPLATE_ICMP_ERROR:
		say_icmp_error(s, &speaks, r);
		break;
	case TEMPLATES:
		break;
	}
}
