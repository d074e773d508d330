/* SPDX-License-Identifier: BSD-3-Clause */
/* Hands frames that are neither TCP, ICMP nor ARP to an application, which may answer them. */
#include <errno.h>

#include "stack/private.h"

#define PROTOCOL_AT (sizeof(struct eth_hdr) + offsetof(struct ipv4_hdr, protocol))

int
stack_set_frames(struct stack *st, hf_frame_fn fn, void *arg)
{
	if (fn != NULL && st->frames != NULL && st->frames != fn)
		return -EBUSY;
	st->frames = fn;
	st->frames_arg = arg;
	return 0;
}

static struct hf_frame
describe_frame(const struct stack *st, const struct seg *s)
{
	const struct eth_hdr *eth = (const struct eth_hdr *)(const void *)s->frame;

	return (struct hf_frame) {
	        .bytes = s->frame,
	        .len = s->frame_len,
	        .room = s->room,
	        .mac = st->port[s->port].conf.mac,
	        .port = s->port,
	        .ether_type = be16_to_cpu(eth->type),
	        .protocol = s->ref == DROP_IP_PROTOCOL ? s->frame[PROTOCOL_AT] : 0,
	};
}

static bool
is_answer(const struct stack *st, const struct seg *s, const struct hf_frame *f)
{
	return f->bytes == s->frame && f->len >= sizeof(struct eth_hdr) && f->len <= s->room &&
	       f->len <= sizeof(struct eth_hdr) + st->port[s->port].conf.mtu;
}

enum drop
stack_other(struct stack *st, struct seg *s)
{
	enum drop why = (enum drop)s->ref;
	enum hf_frame_use use;
	struct hf_frame f;

	if (st->frames == NULL)
		return why;
	if (!stack_own(st, s))
		return DROP_NONE; /* counted */
	f = describe_frame(st, s);
	use = st->frames((struct hf_core *)&st->tcp, st->frames_arg, &f);
	if (use == HF_FRAME_TAKEN)
		return DROP_NONE;
	if (use != HF_FRAME_SEND || !is_answer(st, s, &f))
		return why;
	s->frame_len = (uint16_t)f.len;
	stack_answer(st, s, 0);
	return DROP_NONE;
}
