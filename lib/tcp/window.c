/* SPDX-License-Identifier: BSD-3-Clause */
/* The window that is offered to the peer (RFC 9293 3.8.6.2). */
#include "tcp/window.h"

#include "tcp/reasm.h"

static uint32_t
window_step(const struct tcp *t, const struct tcp_conn *c)
{
	return t->conf.rcv_wnd / 2 < c->mss ? t->conf.rcv_wnd / 2 : c->mss;
}

static uint32_t
window_open_bytes(const struct tcp_conn *c)
{
	return seq_gt(c->rcv_adv, c->rcv_nxt) ? c->rcv_adv - c->rcv_nxt : 0;
}

static uint32_t
window_room_bytes(const struct tcp *t, const struct tcp_conn *c)
{
	uint32_t room = (uint32_t)c->rcv_wnd << c->rcv_wscale;
	uint32_t held = c->reasm != POOL_NONE ? reasm_held(t, c) : 0;

	return room > held ? room - held : 0;
}

uint32_t
window_to_offer(const struct tcp *t, const struct tcp_conn *c)
{
	uint32_t room;

	if (c->reasm == POOL_NONE || reasm_held(t, c) == 0)
		return c->rcv_wnd;
	room = window_room_bytes(t, c);
	return room < window_open_bytes(c) + window_step(t, c) ? 0 : room >> c->rcv_wscale;
}

/* Tell the peer if the window grows by a segment, or by half of a small buffer. If two
 * such steps or more are open, it must also double. So not each segment that is taken causes an
 * update (RFC 9293 3.8.6.2.2). */
void
window_opened(struct tcp *t, struct tcp_conn *c)
{
	uint32_t open = window_open_bytes(c), room = window_room_bytes(t, c),
	         s = window_step(t, c);

	if (room >= open + s && (open < 2 * s || room / 2 >= open))
		c->flags |= CONN_ACK_NOW;
}

/* RCV.ADV advances, and never goes back (RFC 9293 3.8.6.2.1). */
uint16_t
window_offer(const struct tcp *t, struct tcp_conn *c)
{
	uint32_t wnd = window_to_offer(t, c);
	uint32_t offered = seq_gt(c->rcv_adv, c->rcv_nxt) ? c->rcv_adv - c->rcv_nxt : 0;

	if (wnd < offered >> c->rcv_wscale)
		wnd = offered >> c->rcv_wscale;
	if (wnd > UINT16_MAX)
		wnd = UINT16_MAX;
	c->rcv_adv = seq_max(c->rcv_adv, c->rcv_nxt + (wnd << c->rcv_wscale));
	return (uint16_t)wnd;
}
