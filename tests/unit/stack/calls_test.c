/* SPDX-License-Identifier: BSD-3-Clause */
/* The table "event x call" of handfast.h: each call in each event, for the connection that the
 * event is about and for another one, has its effect or returns the error of the table. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "stack/rig.h"
#include "tcp/tcp.h"

#define ETHER_TYPE 0x88cc
#define TEXT       "text!"
#define TEXT_LEN   5
#define NEW_PORT   81 /* what hf_listen() opens */
#define FAR_PORT   99 /* what hf_connect() connects to */
#define SOON_MS    100
#define NO_EFFECT  -1000

enum event {
	OPENED,
	DATA,
	ROOM,
	PEER_CLOSED,
	SOFT_ERROR,
	URGENT,
	DEADLINE,
	DRAINING,
	CLOSED,
	TURN,
	TIMER,
	POSTED,
	FRAMES,
	EVENTS
};

static const char *const event_names[EVENTS] = {"opened", "data", "room", "peer_closed",
        "soft_error", "urgent", "deadline", "draining", "closed", "turn", "timer", "posted",
        "frames"};

/* One connection as its peer sees it. */
struct side {
	uint16_t port; /* the peer's */
	uint32_t seq;  /* next to send */
	uint32_t ack;  /* next expected */
	uint8_t saw;   /* flags since the event, ORed */
	uint32_t text; /* bytes since the event */
	struct hf_conn *conn;
	unsigned told[EVENTS];
	enum hf_reason why;
};

struct scene;

struct call {
	const char *name;
	long (*act)(struct scene *s, struct hf_core *h, struct hf_conn *c);
	/* The results of act(). */
	long usual;    /* in every event but those below */
	long in_data;  /* for the connection of data() */
	long draining; /* while the stack drains */
	long closed;   /* for the connection of closed() */
	/* With usual: did it have its effect in the end? NULL: act() has looked. */
	bool (*done)(struct scene *s, const struct side *x);
};

struct scene {
	struct rig *r;
	enum event at;
	const struct call *call;
	struct side own, other;
	struct side *target; /* that the call is for */
	bool acted, waiting; /* ... for the event */
	long result;
	struct hf_timer timer, second;
	unsigned second_fired;
	bool syn_seen;
	void *client;
};

static struct side *
side_of(struct scene *s, const struct hf_conn *c)
{
	return be16_to_cpu(hf_peer(c).port) == s->own.port ? &s->own : &s->other;
}

/* The event under test calls the call under test, once. */
static void
here(struct scene *s, enum event e, struct hf_core *h, struct hf_conn *c)
{
	struct side *x = c != NULL ? side_of(s, c) : &s->own;

	if (c != NULL)
		x->told[e]++;
	if (e == OPENED)
		x->conn = c;
	if (!s->waiting || s->acted || e != s->at || x != &s->own)
		return;
	s->acted = true;
	s->result = s->call->act(s, h, s->target->conn);
}

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	here(self, OPENED, h, c);
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)bytes;
	here(self, DATA, h, c);
	return len;
}

static void
on_room(struct hf_core *h, void *self, struct hf_conn *c)
{
	here(self, ROOM, h, c);
}

static void
on_peer_closed(struct hf_core *h, void *self, struct hf_conn *c)
{
	here(self, PEER_CLOSED, h, c);
}

static void
on_soft_error(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	(void)why;
	here(self, SOFT_ERROR, h, c);
}

static void
on_urgent(struct hf_core *h, void *self, struct hf_conn *c)
{
	here(self, URGENT, h, c);
}

static void
on_deadline(struct hf_core *h, void *self, struct hf_conn *c)
{
	here(self, DEADLINE, h, c);
}

static void
on_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	here(self, DRAINING, h, c);
}

static void
on_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct scene *s = self;

	here(s, CLOSED, h, c);
	side_of(s, c)->why = why;
	side_of(s, c)->conn = NULL;
}

static const struct hf_service service = {
        .name = "scene",
        .opened = on_opened,
        .data = on_data,
        .room = on_room,
        .peer_closed = on_peer_closed,
        .soft_error = on_soft_error,
        .urgent = on_urgent,
        .deadline = on_deadline,
        .draining = on_draining,
        .closed = on_closed,
};

static void
on_turn(struct hf_core *h, void *self)
{
	here(self, TURN, h, NULL);
}

static const struct hf_service client = {.name = "client", .turn = on_turn};
static const struct hf_service opener = {.name = "opener"};

static void
on_timer(struct hf_core *h, struct hf_timer *timer)
{
	here(timer->arg, TIMER, h, NULL);
}

static void
on_second_timer(struct hf_core *h, struct hf_timer *timer)
{
	(void)h;
	((struct scene *)timer->arg)->second_fired++;
}

static enum hf_frame_use
on_frame(struct hf_core *h, void *arg, struct hf_frame *f)
{
	(void)f;
	here(arg, FRAMES, h, NULL);
	return HF_FRAME_TAKEN;
}

/* The peers. */

static void
peers_hear(struct scene *s)
{
	const struct rig_out *o;

	while ((o = rig_next(s->r)) != NULL) {
		const struct seg *g = &o->seg;
		struct side *x;

		if (g->kind != SEG_TCP)
			continue;
		if (g->key.lport == cpu_to_be16(FAR_PORT)) {
			s->syn_seen |= g->flags == TCP_SYN;
			continue;
		}
		x = g->key.lport == cpu_to_be16(s->own.port) ? &s->own : &s->other;
		x->saw |= g->flags;
		if (g->seq != x->ack)
			continue;
		x->ack += seg_len(g);
		x->text += g->len;
	}
	rig_forget(s->r);
}

static void
peer_say(struct scene *s, struct side *x, uint8_t flags, uint32_t len)
{
	rig_tcp(s->r, .sport = x->port, .flags = (uint8_t)(flags | TCP_ACK), .seq = x->seq,
	        .ack = x->ack, .wnd = 8000, .text = TEXT, .len = len);
	x->seq += len + !!(flags & TCP_FIN);
}

/* Both acknowledge what they have heard, until nothing comes any more. */
static void
settle(struct scene *s)
{
	for (unsigned i = 0; i < 4; i++) {
		rig_turn(s->r);
		peers_hear(s);
		if (s->own.conn != NULL)
			peer_say(s, &s->own, 0, 0);
		if (s->other.conn != NULL)
			peer_say(s, &s->other, 0, 0);
	}
	rig_turn(s->r);
	peers_hear(s);
}

static void
connect_peer(struct scene *s, struct side *x, uint16_t port)
{
	x->port = port;
	x->seq = 1001;
	x->ack = rig_handshake(s->r, port, (struct tcp_opts) {.present = 0}, 8000);
	peers_hear(s);
	cr_assert_eq(x->told[OPENED], 1);
}

/* The urgent pointer is behind the last byte (RFC 9293 3.8.5). */
static void
peer_say_urgent(struct scene *s)
{
	struct say w = {.sport = s->own.port,
	        .flags = TCP_ACK | TCP_URG,
	        .seq = s->own.seq,
	        .ack = s->own.ack,
	        .wnd = 8000,
	        .text = TEXT,
	        .len = TEXT_LEN};
	uint8_t frame[128];
	unsigned len = rig_build(&w, frame);

	frame[len - TEXT_LEN - 1] = TEXT_LEN;
	s->r->csum_ok = SEG_CSUM_IP | SEG_CSUM_L4;
	rig_push(s->r, 0, frame, len);
	s->r->csum_ok = 0;
	s->own.seq += TEXT_LEN;
}

/* Three timeouts without an answer: R1. */
static void
stay_silent(struct scene *s)
{
	hf_send(stack_core(s->r->st), s->own.conn, TEXT, TEXT_LEN);
	for (unsigned i = 0; i < 3000 && s->own.told[SOFT_ERROR] == 0; i++)
		rig_wait(s->r, 1);
	peers_hear(s);
	s->own.text -= TEXT_LEN;
}

static void
push_frame(struct scene *s)
{
	uint8_t frame[60] = {0};

	frame[12] = ETHER_TYPE >> 8;
	frame[13] = ETHER_TYPE & 255;
	rig_push(s->r, 0, frame, sizeof(frame));
}

/* Bring the event about. */
static void
provoke(struct scene *s)
{
	struct hf_core *h = stack_core(s->r->st);
	struct side *x = &s->own;

	s->waiting = true;
	switch (s->at) {
	case OPENED:
		connect_peer(s, x, 40000);
		break;
	case DATA:
		peer_say(s, x, 0, TEXT_LEN);
		break;
	case ROOM:
		hf_send(h, x->conn, TEXT, TEXT_LEN);
		rig_turn(s->r);
		peers_hear(s);
		x->text = 0;
		peer_say(s, x, 0, 0);
		break;
	case PEER_CLOSED:
		peer_say(s, x, TCP_FIN, 0);
		break;
	case SOFT_ERROR:
		stay_silent(s);
		break;
	case URGENT:
		peer_say_urgent(s);
		break;
	case DEADLINE:
		hf_deadline(h, x->conn, 5);
		rig_wait(s->r, 10);
		break;
	case DRAINING:
		stack_set_draining(s->r->st, 5000, s->r->now);
		break;
	case CLOSED:
		rig_tcp(s->r, .sport = x->port, .flags = TCP_RST, .seq = x->seq);
		break;
	case TIMER:
		hf_timer_arm(h, &s->timer, 1);
		rig_wait(s->r, 1);
		break;
	case POSTED: /* between two turns */
		here(s, POSTED, h, NULL);
		break;
	case FRAMES:
		push_frame(s);
		break;
	case TURN:
	case EVENTS:
		break;
	}
	settle(s);
}

/* The calls. They return the table's result, or NO_EFFECT. */

static long
call_send(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	uint32_t before = hf_unacked(h, c);
	int rc = hf_send(h, c, TEXT, TEXT_LEN);

	(void)s;
	return hf_unacked(h, c) == before + (rc == 0 ? TEXT_LEN : 0) ? rc : NO_EFFECT;
}

static long
call_send_buf(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	uint32_t room;
	uint8_t *bytes;
	struct hf_buf *b = hf_buf_alloc(h, &bytes, &room);
	int rc;

	(void)s;
	if (b == NULL)
		return NO_EFFECT;
	memcpy(bytes, TEXT, TEXT_LEN);
	rc = hf_send_buf(h, c, b, bytes, TEXT_LEN);
	if (rc != 0)
		hf_buf_free(h, b);
	return rc;
}

static bool
text_came(struct scene *s, const struct side *x)
{
	(void)s;
	return x->text == TEXT_LEN;
}

static long
call_keep(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	struct hf_buf *b = hf_keep(h, c);

	(void)s;
	if (b != NULL)
		hf_buf_free(h, b);
	return b != NULL;
}

static long
call_buf(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	uint32_t room = 0;
	uint8_t *bytes;
	struct hf_buf *b = hf_buf_alloc(h, &bytes, &room);

	(void)s, (void)c;
	if (b != NULL)
		hf_buf_free(h, b);
	return b != NULL && room >= 1024;
}

static long
call_shutdown(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	int rc = hf_shutdown(h, c);

	(void)s;
	if (hf_shutdown(h, c) != -EPIPE || hf_send(h, c, TEXT, 1) != -EPIPE)
		return NO_EFFECT;
	return rc;
}

static bool
fin_came(struct scene *s, const struct side *x)
{
	(void)s;
	return x->saw & TCP_FIN;
}

static long
call_close(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	(void)s;
	hf_close(h, c);
	hf_close(h, c); /* once is enough */
	return hf_send(h, c, TEXT, 1);
}

/* The text of the segment in hand comes behind urgent(). After hf_close() it is answered with
 * a reset (RFC 9293 3.10.7). */
static bool
close_came(struct scene *s, const struct side *x)
{
	return x->saw & (s->at == URGENT && x == &s->own ? TCP_RST : TCP_FIN);
}

static long
call_linger(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	(void)s;
	hf_linger(h, c);
	return hf_send(h, c, TEXT, 1);
}

static long
call_abort(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	(void)s;
	hf_abort(h, c);
	hf_close(h, c);
	return hf_shutdown(h, c);
}

static bool
reset_came(struct scene *s, const struct side *x)
{
	(void)s;
	return (x->saw & TCP_RST) && x->told[CLOSED] == 1 && x->why == HF_ABORTED;
}

static long
call_deadline(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	(void)s;
	hf_deadline(h, c, SOON_MS);
	return 0;
}

static bool
deadline_comes(struct scene *s, const struct side *x)
{
	unsigned before = x->told[DEADLINE];

	rig_wait(s->r, 2 * SOON_MS);
	return x->told[DEADLINE] == before + 1;
}

static long
call_deadline_later(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	(void)s;
	hf_deadline(h, c, SOON_MS);
	hf_deadline_later(h, c, 3 * SOON_MS, 10 * SOON_MS);
	return 0;
}

static bool
deadline_comes_later(struct scene *s, const struct side *x)
{
	unsigned before = x->told[DEADLINE];

	rig_wait(s->r, 2 * SOON_MS);
	if (x->told[DEADLINE] != before)
		return false;
	rig_wait(s->r, 4 * SOON_MS);
	return x->told[DEADLINE] == before + 1;
}

/* The wire has no option here, so the record has the bytes themselves. */
static long
call_recv_room(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	uint16_t before = ((struct tcp_conn *)c)->rcv_wnd;

	(void)s;
	hf_recv_room(h, c, 3000);
	return ((struct tcp_conn *)c)->rcv_wnd == 3000 && before != 3000;
}

static long
call_resume(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	(void)s;
	hf_resume(h, c);
	return 0;
}

static long
call_set(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	(void)s;
	if (hf_set_dscp(h, c, 64) != -EINVAL || hf_set_ttl(h, c, 0) != -EINVAL ||
	        hf_set_ttl(h, c, 256) != -EINVAL || hf_set_retries(h, c, 0) != -EINVAL ||
	        hf_set_retries(h, c, 16) != -EINVAL)
		return NO_EFFECT;
	return hf_set_dscp(h, c, 10) | hf_set_ttl(h, c, 9) | hf_set_retries(h, c, 15);
}

/* All that only looks. */
static long
call_look(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	struct hf_info x;
	void *self;

	hf_set_ctx(c, s);
	if (hf_ctx(c) != s || be16_to_cpu(hf_peer(c).port) != s->target->port ||
	        hf_local(c).port != cpu_to_be16(80) || hf_now_us(h) != s->r->now.us)
		return NO_EFFECT;
	if (hf_conn_of(h, hf_handle_of(h, c)) != c || hf_service_of(h, c, &self) != &service ||
	        self != s)
		return NO_EFFECT;
	if (hf_urgent(h, c) > TEXT_LEN || (hf_draining(h) != 0) != (s->at == DRAINING))
		return NO_EFFECT;
	return hf_info(h, c, &x, sizeof(x)) == 0 && x.unacked == hf_unacked(h, c);
}

static long
call_walk(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	struct hf_conn *out[4];
	unsigned n, found = 0;
	uint32_t at = 0;
	bool more;

	(void)s;
	do {
		more = hf_conns_some(h, &at, out, 4, &n);
		for (unsigned i = 0; i < n; i++)
			found += out[i] == c;
	} while (more);
	return found;
}

static long
call_connect(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	struct hf_open how = {.peer = {rig_ip(10, 0, 0, 1), cpu_to_be16(FAR_PORT)}};

	(void)c;
	return hf_connect(h, &opener, s, &how, NULL);
}

static bool
syn_came(struct scene *s, const struct side *x)
{
	(void)x;
	return s->syn_seen;
}

static long
call_listen(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	struct hf_listen_conf conf = {
	        .size = sizeof(conf), .local = {.port = cpu_to_be16(NEW_PORT)}};

	(void)c;
	return hf_listen(h, &opener, s, &conf);
}

static bool
new_port_answers(struct scene *s, const struct side *x)
{
	const struct rig_out *o;

	(void)x;
	rig_tcp(s->r, .sport = 50000, .dport = NEW_PORT, .flags = TCP_SYN, .seq = 1,
	        .wnd = 8000);
	rig_turn(s->r);
	while ((o = rig_next(s->r)) != NULL)
		if (o->seg.key.lport == cpu_to_be16(50000))
			return o->seg.flags == (TCP_SYN | TCP_ACK);
	return false;
}

static long
call_unlisten(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	struct hf_addr local = {.port = cpu_to_be16(80)};
	int rc = hf_unlisten(h, local);

	(void)s, (void)c;
	return hf_unlisten(h, local) == -ENOENT ? rc : NO_EFFECT;
}

/* No SYN is answered any more, and the connections go on. */
static bool
port_is_closed(struct scene *s, const struct side *x)
{
	unsigned open = (s->own.conn != NULL) + (s->other.conn != NULL);
	const struct rig_out *o;

	(void)x;
	rig_tcp(s->r, .sport = 50000, .flags = TCP_SYN, .seq = 1, .wnd = 8000);
	rig_turn(s->r);
	while ((o = rig_next(s->r)) != NULL)
		if (o->seg.key.lport == cpu_to_be16(50000))
			return (o->seg.flags & TCP_RST) && open + s->own.told[CLOSED] == 2;
	return false;
}

static long
call_timer(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	int rc = hf_timer_arm(h, &s->second, 1000);

	(void)c;
	if (!hf_timer_stop(h, &s->second) || hf_timer_arm(h, &s->second, 1000) != 0)
		return NO_EFFECT;
	return rc;
}

static bool
second_fires(struct scene *s, const struct side *x)
{
	(void)x;
	rig_wait(s->r, 5);
	return s->second_fired == 1;
}

static long
call_frames(struct scene *s, struct hf_core *h, struct hf_conn *c)
{
	(void)s, (void)c;
	return hf_frames(h, NULL, NULL);
}

static bool
frame_is_dropped(struct scene *s, const struct side *x)
{
	(void)x;
	push_frame(s);
	rig_turn(s->r);
	return rig_drops(s->r, DROP_ETH_TYPE) == 1;
}

static const struct call calls[] = {
        {"hf_send", call_send, 0, 0, 0, -EPIPE, text_came},
        {"hf_send_buf", call_send_buf, 0, 0, 0, -EPIPE, text_came},
        {"hf_keep", call_keep, 0, 1, 0, 0, NULL},
        {"hf_buf_alloc", call_buf, 1, 1, 1, 1, NULL},
        {"hf_shutdown", call_shutdown, 0, 0, 0, -EPIPE, fin_came},
        {"hf_close", call_close, -EPIPE, -EPIPE, -EPIPE, -EPIPE, close_came},
        {"hf_linger", call_linger, -EPIPE, -EPIPE, -EPIPE, -EPIPE, fin_came},
        {"hf_abort", call_abort, -EPIPE, -EPIPE, -EPIPE, -EPIPE, reset_came},
        {"hf_deadline", call_deadline, 0, 0, 0, 0, deadline_comes},
        {"hf_deadline_later", call_deadline_later, 0, 0, 0, 0, deadline_comes_later},
        {"hf_recv_room", call_recv_room, 1, 1, 1, 0, NULL},
        {"hf_resume", call_resume, 0, 0, 0, 0, NULL},
        {"hf_set_*", call_set, 0, 0, 0, 0, NULL},
        {"what looks", call_look, 1, 1, 1, 1, NULL},
        {"hf_conns_some", call_walk, 1, 1, 1, 1, NULL},
        {"hf_connect", call_connect, 0, 0, -ESHUTDOWN, 0, syn_came},
        {"hf_listen", call_listen, 0, 0, -ESHUTDOWN, 0, new_port_answers},
        {"hf_unlisten", call_unlisten, 0, 0, 0, 0, port_is_closed},
        {"hf_timer_*", call_timer, 0, 0, 0, 0, second_fires},
        {"hf_frames", call_frames, 0, 0, 0, 0, frame_is_dropped},
};
#define CALLS (sizeof(calls) / sizeof(*calls))

/* Calls that are about no connection have their effect in closed(), too. */
static bool
needs_connection(const struct call *k)
{
	return k->done == text_came || k->done == fin_came || k->done == close_came ||
	       k->done == reset_came || k->done == deadline_comes ||
	       k->done == deadline_comes_later;
}

static long
expected(const struct scene *s)
{
	const struct call *k = s->call;
	bool own = s->target == &s->own;

	if (s->at == DATA && own)
		return k->in_data;
	if (s->at == DRAINING)
		return k->draining;
	return s->at == CLOSED && own ? k->closed : k->usual;
}

static void
judge(struct scene *s, const char *what)
{
	const struct call *k = s->call;
	bool ended = s->at == CLOSED && s->target == &s->own;

	cr_assert(s->acted, "%s: the event has not come", what);
	cr_expect_eq(s->result, expected(s), "%s: %ld, not %ld", what, s->result, expected(s));
	if (ended) {
		cr_expect_eq(s->own.saw, 0, "%s: something was sent", what);
		cr_expect_eq(s->own.told[CLOSED], 1, "%s", what);
	}
	if (k->done == NULL || (ended && needs_connection(k)) || s->result == -ESHUTDOWN)
		return;
	cr_expect(k->done(s, s->target), "%s: it had no effect", what);
}

static void
play(enum event at, const struct call *k, bool own)
{
	struct scene s = {.at = at, .call = k};
	char what[80];

	snprintf(what, sizeof(what), "%s in %s, %s", k->name, event_names[at],
	        own ? "own" : "another");
	s.r = rig_new(NULL, 1000000);
	s.timer = (struct hf_timer) {.fn = on_timer, .arg = &s};
	s.second = (struct hf_timer) {.fn = on_second_timer, .arg = &s};
	s.target = own ? &s.own : &s.other;
	cr_assert_eq(hf_frames(stack_core(s.r->st), on_frame, &s), 0);
	cr_assert_eq(stack_listen(s.r->st, 0, cpu_to_be16(80), &service, &s), 0);
	cr_assert_eq(stack_client(s.r->st, &client, &s, &s.client), 0);
	s.own.port = 40000;
	connect_peer(&s, &s.other, 40001);
	if (at != OPENED)
		connect_peer(&s, &s.own, 40000);
	s.own.saw = s.other.saw = 0;
	provoke(&s);
	judge(&s, what);
	stack_abort_all(s.r->st, s.r->now);
	cr_expect_eq(rig_free(s.r), 0, "%s: a buffer is lost", what);
}

static void
play_event(enum event at)
{
	for (unsigned i = 0; i < CALLS; i++) {
		play(at, &calls[i], true);
		play(at, &calls[i], false);
	}
}

Test(stack_calls, in_opened)
{
	play_event(OPENED);
}

Test(stack_calls, in_data)
{
	play_event(DATA);
}

Test(stack_calls, in_room)
{
	play_event(ROOM);
}

Test(stack_calls, in_peer_closed)
{
	play_event(PEER_CLOSED);
}

Test(stack_calls, in_soft_error)
{
	play_event(SOFT_ERROR);
}

Test(stack_calls, in_urgent)
{
	play_event(URGENT);
}

Test(stack_calls, in_deadline)
{
	play_event(DEADLINE);
}

Test(stack_calls, in_draining)
{
	play_event(DRAINING);
}

Test(stack_calls, in_closed)
{
	play_event(CLOSED);
}

Test(stack_calls, in_turn)
{
	play_event(TURN);
}

Test(stack_calls, in_a_timer)
{
	play_event(TIMER);
}

Test(stack_calls, between_two_turns)
{
	play_event(POSTED);
}

Test(stack_calls, in_the_function_for_frames)
{
	play_event(FRAMES);
}
