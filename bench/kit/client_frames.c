/* SPDX-License-Identifier: BSD-3-Clause */
/* Builds and fills the templates of the client's segments. */
#include "client_frames.h"

#include <string.h>

#include "wire/checksum.h"

#define L3         sizeof(struct eth_hdr)
#define L4         (L3 + sizeof(struct ipv4_hdr))
#define OPTIONS    (L4 + sizeof(struct tcp_hdr))
#define CLIENT_WND 65535

/* The order is that of Linux: MSS, SACK-permitted, timestamps, NOP, window scale. */
static const uint8_t syn_options[] = {
        2, 4, 1460 >> 8, 1460 & 255, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7};
static const uint8_t plain_syn_options[] = {2, 4, 1460 >> 8, 1460 & 255};
static const uint8_t ts_options[] = {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0};

static unsigned
put_options(struct template *t, enum template_options options)
{
	uint8_t *p = t->bytes + OPTIONS;

	switch (options) {
	case TEMPLATE_NONE:
		break;
	case TEMPLATE_MSS:
		memcpy(p, plain_syn_options, sizeof(plain_syn_options));
		return sizeof(plain_syn_options);
	case TEMPLATE_LINUX:
		t->ts = OPTIONS + 8;
		memcpy(p, syn_options, sizeof(syn_options));
		return sizeof(syn_options);
	case TEMPLATE_TS:
		t->ts = OPTIONS + 4;
		memcpy(p, ts_options, sizeof(ts_options));
		return sizeof(ts_options);
	}
	return 0;
}

static void
put_ethernet_and_ip(struct template *t, const struct client_conf *conf, unsigned tcp_len)
{
	struct eth_hdr *eth = (void *)t->bytes;
	struct ipv4_hdr *ip = (void *)(t->bytes + L3);

	memcpy(eth->dst, conf->server_mac, ETH_ALEN);
	memcpy(eth->src, conf->our_mac, ETH_ALEN);
	eth->type = cpu_to_be16(ETH_TYPE_IPV4);
	ip->version_ihl = 0x45;
	ip->total_length = cpu_to_be16((uint16_t)(sizeof(*ip) + tcp_len));
	ip->fragment = cpu_to_be16(IPV4_DF);
	ip->ttl = IPV4_TTL;
	ip->protocol = IPPROTO_TCP_;
	ip->dst = conf->server_ip;
}

void
template_make(
        struct template *t, const struct template_shape *shape, const struct client_conf *conf)
{
	struct ipv4_hdr *ip = (void *)(t->bytes + L3);
	struct tcp_hdr *tcp = (void *)(t->bytes + L4);
	unsigned opts, text = shape->text != NULL ? (unsigned)strlen(shape->text) : 0;
	unsigned tcp_len;

	memset(t, 0, sizeof(*t));
	t->offload = conf->offload;
	opts = put_options(t, shape->options);
	tcp_len = sizeof(*tcp) + opts + text;
	put_ethernet_and_ip(t, conf, tcp_len);
	tcp->dport = conf->server_port;
	tcp->data_offset = (uint8_t)((sizeof(*tcp) + opts) / 4 << 4);
	tcp->flags = shape->flags;
	tcp->wnd = cpu_to_be16(CLIENT_WND);
	if (text > 0)
		memcpy(t->bytes + OPTIONS + opts, shape->text, text);
	t->len = (uint16_t)(L4 + tcp_len);
	/* The sums are folded, so that template_write() may add its fields without a
	 * carry out of 64 bits. */
	t->ip_sum = checksum_fold(checksum_add(0, ip, sizeof(*ip)));
	t->tcp_sum = checksum_pseudo(&ip->src, IPPROTO_TCP_, (uint16_t)tcp_len);
	t->tcp_sum = checksum_fold(checksum_add(t->tcp_sum, tcp, tcp_len));
}

void
templates_make(struct template t[SAY_COUNT], const struct client_conf *conf)
{
	bool l = conf->linux_options;
	const struct template_shape shape[SAY_COUNT] = {
	        [SAY_SYN] = {TCP_SYN, l ? TEMPLATE_LINUX : TEMPLATE_MSS, NULL},
	        [SAY_REQUEST] = {TCP_ACK | TCP_PSH, l ? TEMPLATE_TS : TEMPLATE_NONE,
	                conf->request},
	        [SAY_ACK] = {TCP_ACK, l ? TEMPLATE_TS : TEMPLATE_NONE, NULL},
	        [SAY_FIN] = {TCP_ACK | TCP_FIN, l ? TEMPLATE_TS : TEMPLATE_NONE, NULL},
	};

	for (unsigned i = 0; i < SAY_COUNT; i++)
		template_make(&t[i], &shape[i], conf);
}

unsigned
template_write(const struct template *t, uint8_t *frame, const struct fill *f)
{
	struct ipv4_hdr *ip = (void *)(frame + L3);
	struct tcp_hdr *tcp = (void *)(frame + L4);
	be32 seq = cpu_to_be32(f->seq), ack = cpu_to_be32(f->ack);
	be32 ts[2] = {0, 0};

	memcpy(frame, t->bytes, t->len);
	ip->src = f->addr;
	tcp->sport = f->port;
	tcp->seq = seq;
	tcp->ack = ack;
	if (t->ts != 0) {
		ts[0] = cpu_to_be32(f->tsval);
		ts[1] = cpu_to_be32(f->tsecr);
		memcpy(frame + t->ts, ts, sizeof(ts));
	}
	if (t->offload)
		return t->len;
	ip->checksum = (be16)~checksum_fold(t->ip_sum + f->addr);
	tcp->checksum = (be16)~checksum_fold(
	        t->tcp_sum + f->addr + f->port + seq + ack + ts[0] + ts[1]);
	return t->len;
}

/* A SYN-ACK may have the option anywhere. Later segments have it at the place that RFC 7323
 * appendix A recommends, which is tried first. */
bool
frame_timestamp(const struct tcp_hdr *tcp, unsigned header, uint32_t *tsval)
{
	const uint8_t *p = (const uint8_t *)tcp + sizeof(*tcp);
	const uint8_t *end = (const uint8_t *)tcp + header;

	if (end - p >= 12 && be32_load(p) == 0x0101080a) {
		*tsval = be32_load(p + 4);
		return true;
	}
	while (p < end && *p != 0) {
		if (*p == 8 && end - p >= 10) {
			*tsval = be32_load(p + 2);
			return true;
		}
		if (*p != 1 && (end - p < 2 || p[1] < 2))
			break;
		p += *p == 1 ? 1 : p[1];
	}
	return false;
}

bool
frame_answer_arp(uint8_t *frame, unsigned len, const struct client_conf *conf)
{
	struct eth_hdr *eth = (void *)frame;
	struct arp_hdr *arp = (void *)(frame + L3);

	if (len < L3 + sizeof(*arp) || eth->type != cpu_to_be16(ETH_TYPE_ARP) ||
	        arp->oper != cpu_to_be16(ARP_REQUEST) ||
	        memcmp(arp->tpa, &conf->our_ip, 4) != 0)
		return false;
	memcpy(eth->dst, arp->sha, ETH_ALEN);
	memcpy(eth->src, conf->our_mac, ETH_ALEN);
	arp->oper = cpu_to_be16(ARP_REPLY);
	memcpy(arp->tha, arp->sha, ETH_ALEN);
	memcpy(arp->tpa, arp->spa, 4);
	memcpy(arp->sha, conf->our_mac, ETH_ALEN);
	memcpy(arp->spa, &conf->our_ip, 4);
	return true;
}
