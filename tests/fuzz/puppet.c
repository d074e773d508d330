/* SPDX-License-Identifier: BSD-3-Clause */
/* The service of the sequences target: it obeys the peer's bytes. */
#include "puppet.h"

#include <string.h>

#include "base/be.h"
#include "must.h"

#define QUEUED_MOST 65536
#define SENT_MOST   200000

static const uint8_t page[20000] = "page";

static struct puppet_conn *
of(struct puppet *p, const struct hf_conn *c)
{
	struct puppet_conn *k = hf_ctx(c);

	must(k >= p->conn && k < p->conn + PUPPET_CONNS && k->c == c);
	return k;
}

static struct puppet_conn *
place(struct puppet *p)
{
	for (unsigned i = 0; i < PUPPET_CONNS; i++)
		if (p->conn[i].c == NULL && p->conn[i].held == NULL)
			return &p->conn[i];
	return NULL;
}

static void
say(struct hf_core *h, struct puppet_conn *k, uint32_t len)
{
	if (hf_unacked(h, k->c) + len > QUEUED_MOST || k->sent + len > SENT_MOST)
		return;
	if (hf_send(h, k->c, page, len) == 0)
		k->sent += len;
}

/* Send the text back, in its own packet or in a copy. */
static void
echo(struct hf_core *h, struct puppet_conn *k, const uint8_t *bytes, uint32_t len)
{
	struct hf_buf *b = hf_keep(h, k->c);
	uint32_t room;
	uint8_t *to;

	if (b == NULL) {
		b = hf_buf_alloc(h, &to, &room);
		if (b == NULL)
			return;
		len = len < room ? len : room;
		memcpy(to, bytes, len);
		bytes = to;
	}
	if (hf_unacked(h, k->c) > QUEUED_MOST || hf_send_buf(h, k->c, b, bytes, len) != 0)
		hf_buf_free(h, b);
}

static void
let_go(struct hf_core *h, struct puppet_conn *k)
{
	if (k->held != NULL)
		hf_buf_free(h, k->held);
	k->held = NULL;
}

static void
hold(struct hf_core *h, struct puppet_conn *k)
{
	let_go(h, k);
	k->held = hf_keep(h, k->c);
}

/* n: which peer (2 bits), behind the gateway, from elsewhere, from which port. */
static void
call(struct hf_core *h, struct puppet *p, uint8_t n)
{
	struct puppet_conn *k = place(p);
	struct hf_open how = {
	        .peer = {.addr = n & 4 ? p->far : p->near,
	                .port = cpu_to_be16((uint16_t)(PUPPET_CALLS + n % PUPPET_PEERS))},
	        .local = {.addr = n & 8 ? p->local : 0,
	                .port = n & 16 ? cpu_to_be16((uint16_t)(5000 + (n >> 5))) : 0},
	        .ctx = k,
	};
	struct hf_conn *c = NULL;

	if (k == NULL || p->ending || hf_connect(h, &puppet_service, p, &how, &c) != 0)
		return;
	must(c != NULL && hf_ctx(c) == k && hf_peer(c).port == how.peer.port);
	*k = (struct puppet_conn) {.c = c, .active = true};
	if (n & 2)
		say(h, k, 100); /* before it is open */
}

static void
many_small(struct hf_core *h, struct puppet_conn *k)
{
	for (unsigned i = 0; i < 300; i++)
		say(h, k, 1);
}

/* Someone else's connection, in the middle of this one's event. */
static void
disturb_another(struct hf_core *h, struct puppet *p, const struct puppet_conn *me, uint8_t n)
{
	for (unsigned i = 0; i < PUPPET_CONNS; i++) {
		struct puppet_conn *k = &p->conn[i];

		if (k->c == NULL || k == me || k->left)
			continue;
		if (n & 1) {
			k->left = true;
			n & 2 ? hf_abort(h, k->c) : hf_close(h, k->c);
		} else {
			say(h, k, 1000);
		}
		return;
	}
}

static void
leave(struct hf_core *h, struct puppet_conn *k, uint8_t how)
{
	k->left = true;
	if (how == 0)
		hf_close(h, k->c);
	else if (how == 1)
		hf_linger(h, k->c);
	else
		hf_abort(h, k->c);
}

/* Commands that do not use the text; n: their argument. */
static void
act(struct hf_core *h, struct puppet *p, struct puppet_conn *k, uint8_t what, uint8_t n)
{
	switch (what & 15) {
	case 1:
		say(h, k, 1 + n * 64u);
		break;
	case 2:
		say(h, k, 1 + n * 64u);
		leave(h, k, 0);
		break;
	case 3:
	case 4:
	case 5:
		leave(h, k, (what & 15) - 3);
		break;
	case 6:
		hf_shutdown(h, k->c);
		break;
	case 7:
		hf_recv_room(h, k->c, n * 64u);
		break;
	case 8:
		call(h, p, n);
		break;
	case 9:
		many_small(h, k);
		break;
	case 10:
		disturb_another(h, p, k, n);
		break;
	case 11:
		say(h, k, 1 + n);
		leave(h, k, 1);
		break;
	}
}

static void
on_turn(struct hf_core *h, void *self)
{
	struct puppet *p = self;

	p->core = h;
	for (; p->wants > 0; p->wants--)
		call(h, p, (uint8_t)(p->calls_how | p->wants));
	for (unsigned i = 0; i < PUPPET_CONNS && p->ending; i++)
		let_go(h, &p->conn[i]);
}

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct puppet *p = self;
	struct puppet_conn *k = hf_ctx(c);

	p->hear_opened(p->ctx, hf_local(c), hf_peer(c));
	if (k == NULL) {
		k = place(p);
		if (k == NULL) { /* closed() finds no place either */
			hf_abort(h, c);
			return;
		}
		*k = (struct puppet_conn) {.c = c};
		hf_set_ctx(c, k);
	}
	must(of(p, c) == k && !k->open && !k->left);
	must(hf_local(c).port != 0 && hf_peer(c).port != 0);
	k->open = true;
	k->tell = hf_draining(h) != 0;
	act(h, p, k, p->opened_does, p->opened_does >> 2);
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct puppet *p = self;
	struct puppet_conn *k = of(p, c);
	uint8_t what = bytes[0], n = bytes[len - 1];

	must(k->open && !k->left && !k->tell && len > 0);
	switch (what & 15) {
	case 12:
		echo(h, k, bytes, len);
		return len;
	case 13:
		hold(h, k);
		return len;
	case 14:
		return len / 2;
	case 15: /* not this time, and at another with luck */
		return n & 1 ? 0 : len;
	}
	act(h, p, k, what, n);
	return len;
}

static void
on_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct puppet *p = self;
	struct puppet_conn *k = of(p, c);

	must(k->open && !k->left && !k->tell);
	act(h, p, k, p->room_does, 20);
}

static void
on_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct puppet *p = self;
	struct puppet_conn *k = of(p, c);

	must(k->open && !k->left && !k->tell);
	act(h, p, k, p->closed_does, 40);
}

static void
on_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct puppet *p = self;
	struct puppet_conn *k = of(p, c);

	must(k->open && !k->left && !k->told && hf_draining(h) != 0);
	k->told = true;
	k->tell = false;
	act(h, p, k, p->closed_does >> 2, 60);
}

static void
on_soft_error(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct puppet *p = self;
	struct puppet_conn *k = of(p, c);

	must(k->open && !k->left && hf_reason_errno(why) != 0);
	act(h, p, k, p->room_does, 30);
}

static void
on_urgent(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct puppet *p = self;
	struct puppet_conn *k = of(p, c);

	must(k->open && !k->left && hf_urgent(h, c) != 0);
	act(h, p, k, p->room_does, 50);
}

static void
on_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct puppet *p = self;
	struct puppet_conn *k = hf_ctx(c);

	must(hf_reason_name(why) != NULL);
	if (k == NULL)
		return;
	must(of(p, c) == k && (k->open || k->active));
	let_go(h, k);
	k->c = NULL;
	if (p->closed_does & 0x40)
		disturb_another(h, p, k, p->closed_does);
	if ((p->closed_does & 0x80) && k->active && k->sent > 0)
		call(h, p, p->closed_does); /* while it still holds its place */
}

void
puppet_forget_opened(struct puppet *p)
{
	for (unsigned i = 0; i < PUPPET_CONNS; i++) {
		struct puppet_conn *k = &p->conn[i];

		if (k->c == NULL || !k->active)
			continue;
		let_go(p->core, k);
		k->c = NULL;
	}
}

unsigned
puppet_untold(const struct puppet *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PUPPET_CONNS; i++) {
		const struct puppet_conn *k = &p->conn[i];

		n += k->c != NULL && k->open && !k->left && !k->told;
	}
	return n;
}

unsigned
puppet_count(const struct puppet *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PUPPET_CONNS; i++)
		n += p->conn[i].c != NULL;
	return n;
}

const struct hf_service puppet_service = {
        .name = "puppet",
        .turn = on_turn,
        .opened = on_opened,
        .data = on_data,
        .room = on_room,
        .peer_closed = on_peer_closed,
        .soft_error = on_soft_error,
        .urgent = on_urgent,
        .draining = on_draining,
        .closed = on_closed,
};
