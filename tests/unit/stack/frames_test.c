/* SPDX-License-Identifier: BSD-3-Clause */
/* hf_frames(): an application sees frames that are not served, and may answer them. */
#include <criterion/criterion.h>
#include <errno.h>

#include "stack/rig.h"
#include "wire/checksum.h"

#define UDP      17
#define LLDP     0x88cc
#define FRAME    80 /* bytes of what arrives */
#define IP_BYTES (sizeof(struct ipv4_hdr))

struct hook {
	enum hf_frame_use use;
	int32_t more; /* bytes that the answer is longer */
	bool moves;   /* it claims to have answered elsewhere */
	unsigned calls;
	struct hf_core *core;
	struct hf_frame seen;
	uint8_t bytes[FRAME];
};

static enum hf_frame_use
on_frame(struct hf_core *h, void *arg, struct hf_frame *f)
{
	struct hook *k = arg;

	k->calls++;
	k->core = h;
	k->seen = *f;
	cr_assert_leq(f->len, f->room);
	memcpy(k->bytes, f->bytes, f->len < FRAME ? f->len : FRAME);
	f->len = (uint32_t)((int32_t)f->len + k->more);
	memcpy(f->bytes, f->bytes + ETH_ALEN, ETH_ALEN);
	memcpy(f->bytes + ETH_ALEN, f->mac, ETH_ALEN);
	if (k->use == HF_FRAME_SEND && f->len > FRAME && f->len <= f->room)
		memset(f->bytes + FRAME, 0xee, f->len - FRAME);
	f->bytes += k->moves;
	return k->use;
}

static enum hf_frame_use
on_frame_of_another(struct hf_core *h, void *arg, struct hf_frame *f)
{
	(void)h, (void)arg, (void)f;
	return HF_FRAME_TAKEN;
}

static void
make_frame(uint8_t *frame, uint8_t port, uint16_t ether_type)
{
	for (unsigned i = 0; i < FRAME; i++)
		frame[i] = (uint8_t)(i * 7);
	memcpy(frame, rig_ports[port].mac, ETH_ALEN);
	memcpy(frame + ETH_ALEN, rig_peer_mac, ETH_ALEN);
	frame[12] = (uint8_t)(ether_type >> 8);
	frame[13] = (uint8_t)ether_type;
}

static void
make_datagram(uint8_t *frame, uint8_t port, uint8_t protocol)
{
	struct ipv4_hdr ip = {.version_ihl = 0x45,
	        .total_length = cpu_to_be16(FRAME - sizeof(struct eth_hdr)),
	        .ttl = 64,
	        .protocol = protocol,
	        .src = rig_ip(10, 0, port, 1),
	        .dst = rig_ports[port].ip};

	make_frame(frame, port, ETH_TYPE_IPV4);
	ip.checksum = checksum_ipv4(&ip);
	memcpy(frame + sizeof(struct eth_hdr), &ip, IP_BYTES);
}

static struct rig *
rig_with(struct hook *k)
{
	struct rig *r = rig_new(NULL, 1000000);

	cr_assert_eq(hf_frames(stack_core(r->st), on_frame, k), 0);
	return r;
}

/* A frame and a turn. */
static void
hear(struct rig *r, uint8_t port, const uint8_t *frame)
{
	rig_push(r, port, frame, FRAME);
	rig_turn(r);
}

Test(stack_frames, without_a_function_each_is_dropped_with_its_reason)
{
	struct rig *r = rig_new(NULL, 1000000);
	uint8_t frame[FRAME];

	make_frame(frame, 0, LLDP);
	hear(r, 0, frame);
	make_datagram(frame, 0, UDP);
	hear(r, 0, frame);
	cr_expect_eq(rig_drops(r, DROP_ETH_TYPE), 1);
	cr_expect_eq(rig_drops(r, DROP_IP_PROTOCOL), 1);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_frames, the_function_sees_all_of_the_frame)
{
	struct hook k = {.use = HF_FRAME_TAKEN};
	struct rig *r = rig_with(&k);
	uint8_t frame[FRAME];

	make_frame(frame, 1, LLDP);
	hear(r, 1, frame);
	cr_expect_eq(k.calls, 1);
	cr_expect_eq(k.core, stack_core(r->st));
	cr_expect_eq(k.seen.len, FRAME);
	cr_expect_eq(k.seen.port, 1);
	cr_expect_eq(k.seen.ether_type, LLDP);
	cr_expect_eq(k.seen.protocol, 0);
	cr_expect_arr_eq(k.bytes, frame, FRAME);
	make_datagram(frame, 0, UDP);
	hear(r, 0, frame);
	cr_expect_eq(k.seen.port, 0);
	cr_expect_eq(k.seen.ether_type, ETH_TYPE_IPV4);
	cr_expect_eq(k.seen.protocol, UDP);
	cr_expect_arr_eq(k.bytes, frame, FRAME);
	cr_expect_eq(rig_drops(r, DROP_ETH_TYPE), 0, "taken is not dropped");
	cr_expect_eq(rig_drops(r, DROP_IP_PROTOCOL), 0);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_frames, an_answer_leaves_where_the_frame_arrived)
{
	for (uint8_t port = 0; port < RIG_PORTS; port++) {
		struct hook k = {.use = HF_FRAME_SEND, .more = 16};
		struct rig *r = rig_with(&k);
		uint8_t frame[FRAME];
		const struct rig_out *o;

		r->slack = 16;
		make_datagram(frame, port, UDP);
		hear(r, port, frame);
		o = rig_next(r);
		cr_assert_not_null(o);
		cr_expect_eq(o->port, port);
		cr_expect_eq(o->offload, 0);
		cr_expect(o->in_place, "no copy is made");
		cr_expect(o->stranger);
		cr_assert_eq(o->seg.frame_len, FRAME + 16);
		cr_expect_arr_eq(o->seg.frame, rig_peer_mac, ETH_ALEN);
		cr_expect_arr_eq(o->seg.frame + ETH_ALEN, rig_ports[port].mac, ETH_ALEN);
		cr_expect_arr_eq(o->seg.frame + 12, frame + 12, FRAME - 12);
		for (unsigned i = FRAME; i < FRAME + 16; i++)
			cr_expect_eq(o->seg.frame[i], 0xee);
		cr_expect_null(rig_next(r));
		cr_expect_eq(rig_drops(r, DROP_IP_PROTOCOL), 0);
		cr_expect_eq(rig_free(r), 0);
	}
}

Test(stack_frames, what_is_declined_is_dropped_with_its_reason)
{
	struct hook k = {.use = HF_FRAME_DROP};
	struct rig *r = rig_with(&k);
	uint8_t frame[FRAME];

	make_frame(frame, 0, LLDP);
	hear(r, 0, frame);
	make_datagram(frame, 0, UDP);
	hear(r, 0, frame);
	cr_expect_eq(k.calls, 2);
	cr_expect_eq(rig_drops(r, DROP_ETH_TYPE), 1);
	cr_expect_eq(rig_drops(r, DROP_IP_PROTOCOL), 1);
	cr_expect_null(rig_next(r));
	cr_expect_eq(rig_free(r), 0);
}

/* Shorter than an Ethernet header, longer than the buffer, longer than the MTU, elsewhere. */
Test(stack_frames, an_answer_that_cannot_be_is_dropped)
{
	static const struct {
		int32_t more;
		uint16_t slack;
		bool moves;
	} wrong[] = {{-FRAME + 13, 0, false}, {-FRAME, 0, false}, {1, 0, false},
	        {17, 16, false}, {RIG_MTU + 15 - FRAME, 4000, false}, {0, 0, true}};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct hook k = {
		        .use = HF_FRAME_SEND, .more = wrong[i].more, .moves = wrong[i].moves};
		struct rig *r = rig_with(&k);
		uint8_t frame[FRAME];

		r->slack = wrong[i].slack;
		make_frame(frame, 0, LLDP);
		hear(r, 0, frame);
		cr_expect_eq(k.calls, 1);
		cr_expect_null(rig_next(r), "%u", i);
		cr_expect_eq(rig_drops(r, DROP_ETH_TYPE), 1, "%u", i);
		cr_expect_eq(rig_free(r), 0);
	}
}

/* A buffer that has other owners, or that is captured, is copied first. */
Test(stack_frames, bytes_of_others_are_not_written)
{
	struct hook k = {.use = HF_FRAME_SEND};
	struct rig *r = rig_with(&k);
	uint8_t frame[FRAME];
	const struct rig_out *o;

	make_frame(frame, 0, LLDP);
	rig_push(r, 0, frame, FRAME);
	r->in[0].room = 0;
	rig_turn(r);
	o = rig_next(r);
	cr_assert_not_null(o);
	cr_expect_not(o->in_place);
	cr_expect_eq(o->seg.frame_len, FRAME);
	r->allocs_left = 0;
	for (unsigned i = 0; i < 64; i++) { /* what is in stock is used first */
		rig_push(r, 0, frame, FRAME);
		r->in[0].room = 0;
		rig_turn(r);
	}
	cr_expect_gt(rig_drops(r, DROP_NO_MBUF), 0);
	cr_expect_eq(k.calls + rig_drops(r, DROP_NO_MBUF), 65);
	cr_expect_eq(rig_free(r), 0);
}

Test(stack_frames, one_function_at_a_time)
{
	struct hook k = {.use = HF_FRAME_TAKEN}, other = k;
	struct rig *r = rig_with(&k);
	struct hf_core *h = stack_core(r->st);
	uint8_t frame[FRAME];

	make_frame(frame, 0, LLDP);
	cr_expect_eq(hf_frames(h, on_frame_of_another, NULL), -EBUSY);
	cr_expect_eq(hf_frames(h, on_frame, &other), 0, "its own may be set again");
	hear(r, 0, frame);
	cr_expect_eq(k.calls, 0);
	cr_expect_eq(other.calls, 1);
	cr_expect_eq(hf_frames(h, NULL, NULL), 0);
	cr_expect_eq(hf_frames(h, NULL, NULL), 0);
	hear(r, 0, frame);
	cr_expect_eq(other.calls, 1);
	cr_expect_eq(rig_drops(r, DROP_ETH_TYPE), 1);
	cr_expect_eq(hf_frames(h, on_frame_of_another, NULL), 0);
	cr_expect_eq(rig_free(r), 0);
}

/* The function is not asked about what the stack serves, nor about what is damaged. */
Test(stack_frames, served_and_damaged_frames_are_not_shown)
{
	struct hook k = {.use = HF_FRAME_TAKEN};
	struct rig *r = rig_with(&k);
	uint8_t frame[FRAME];

	rig_tcp(r, .flags = TCP_SYN, .seq = 1, .wnd = 1000);
	make_datagram(frame, 0, UDP);
	frame[sizeof(struct eth_hdr) + 8]--; /* its checksum is wrong now */
	rig_push(r, 0, frame, FRAME);
	make_datagram(frame, 0, IPPROTO_ICMP_);
	rig_push(r, 0, frame, FRAME);
	make_frame(frame, 0, ETH_TYPE_ARP);
	rig_push(r, 0, frame, FRAME);
	rig_push(r, 0, frame, 13);
	rig_turn(r);
	cr_expect_eq(k.calls, 0);
	cr_expect_eq(rig_drops(r, DROP_IP_CHECKSUM), 1);
	cr_expect_eq(rig_drops(r, DROP_ICMP_CHECKSUM), 1);
	cr_expect_eq(rig_drops(r, DROP_ARP_MALFORMED), 1);
	cr_expect_eq(rig_drops(r, DROP_ETH_SHORT), 1);
	cr_expect_eq(rig_free(r), 0);
}
