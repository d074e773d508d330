/* SPDX-License-Identifier: BSD-3-Clause */
/* The other end of a connection, for tests of lib/tcp. */
#include "rig.h"

#include <stdlib.h>

#include "tcp/flows.h"
#include "tcp/handshake.h"

static struct peer *
add_peer(struct rig *r)
{
	struct peer *p = calloc(1, sizeof(*p));

	cr_assert_lt(r->npeers, PEERS);
	p->rig = r;
	p->t = &r->t;
	p->addr = PEER_ADDR;
	p->port = cpu_to_be16((uint16_t)(40000 + r->npeers));
	p->lport = OUR_PORT;
	p->take = UINT32_MAX;
	r->peer[r->npeers++] = p;
	return p;
}

static uint32_t
either(uint32_t v, uint32_t otherwise)
{
	return v != 0 ? v : otherwise;
}

struct peer *
peer_new(struct peer_how how)
{
	struct tcp_secrets secrets = {.own = "a fixed secret.", .masters = how.masters};
	struct rig *r = calloc(1, sizeof(*r));
	struct tcp_conf conf = {
	        .max_conns = either(how.max_conns, 256),
	        .max_half_open = either(how.max_half_open, 16),
	        .max_time_wait = either(how.max_time_wait, 64),
	        .max_kept = either(how.max_kept, 1024),
	        .rcv_wnd = either(how.rcv_wnd, 65535),
	        .msl_ms = 30000,
	        .fin_wait_2_ms = 60000,
	        .orphan_ms = 300000,
	        .rto_min_ms = 200,
	        .syn_retries = 5,
	        .connect_retries = 7,
	        .retries = 10,
	        .port_first = (uint16_t)either(how.port_first, 1024),
	        .port_last = (uint16_t)either(how.port_last, 65535),
	        .offer = how.offer != 0 ? how.offer : HANDSHAKE_OPTIONS,
	        .core = how.core,
	        .rst_per_s = either(how.rst_per_s, 1000),
	        .syn_rate = either(how.syn_rate, 50000),
	        .syn_cookie = how.syn_cookie,
	        .cc = how.cc,
	};
	uint64_t start_us = how.start_us != 0 ? how.start_us : 1000 * US_PER_SECOND;
	struct peer *p;

	rig_lend(r);
	if (how.secret != NULL)
		memcpy(secrets.own, how.secret, sizeof(secrets.own));
	cr_assert_eq(tcp_create(&r->t, &conf, &secrets, -1, clock_from_us(start_us)), 0);
	cr_assert_eq(tcp_add_addrs(&r->t, OUR_ADDR, 1), 0);
	cr_assert_eq(tcp_listen(&r->t, OUR_ADDR, OUR_PORT,
	                     how.service != NULL ? how.service : &rig_recorder, NULL),
	        0);
	p = add_peer(r);
	p->iss = either(how.iss, PEER_ISS);
	p->ts = how.ts;
	p->wnd = (uint16_t)either(how.wnd, 65535);
	p->mss = (uint16_t)either(how.mss, 1460);
	p->on = how.on;
	p->offers = (uint8_t)((how.ts ? SEG_OPT_TS : 0) | (how.sack ? SEG_OPT_SACK_OK : 0) |
	                      (how.mss != 1 ? SEG_OPT_MSS : 0) |
	                      (how.wscale != 0 ? SEG_OPT_WSCALE : 0));
	p->wscale = (uint8_t)(how.wscale - 1);
	p->tsval = 77;
	return p;
}

struct peer *
peer_beside(struct peer *first)
{
	struct peer *p = add_peer(first->rig);

	p->iss = first->iss + 100000;
	p->ts = first->ts;
	p->wnd = first->wnd;
	p->mss = first->mss;
	p->offers = SEG_OPT_MSS | (first->ts ? SEG_OPT_TS : 0);
	return p;
}

static uint32_t
find(const struct peer *p)
{
	struct flow_key k = {p->addr, OUR_ADDR, p->port, p->lport};

	return flows_find(p->t, tcp_flow_hash(p->t, &k), &k);
}

enum tcp_state
peer_state(const struct peer *p)
{
	uint32_t ref = find(p);

	if (ref == FLOW_NONE)
		return TCP_CLOSED;
	if ((ref & REF_KIND) == REF_TIME_WAIT)
		return TCP_TIME_WAIT;
	if ((ref & REF_KIND) == REF_HALF_OPEN)
		return TCP_SYN_RECEIVED;
	return (enum tcp_state)tcp_conn_at(p->t, ref & REF_INDEX)->state;
}

/* A burst of one segment. */
static enum drop
arrive(struct tcp *t, struct seg *s)
{
	static const uint8_t first[] = {0};

	flows_look_ahead(t, s, first, 1);
	return tcp_segment(t, s);
}

static void
offer(struct peer *p, const struct say *say, struct seg *s)
{
	s->opts = say->opts != 0 ? say->opts : p->offers;
	if ((s->opts & SEG_OPT_MSS) != 0)
		s->mss = say->opts != 0 ? say->mss : p->mss;
	s->wscale = say->opts != 0 ? say->wscale : p->wscale;
	if (say->no_ts)
		s->opts &= (uint8_t)~SEG_OPT_TS;
}

enum drop
peer_say(struct peer *p, struct say say)
{
	bool syn = say.flags & TCP_SYN;
	uint32_t at = p->seq + (uint32_t)say.seq; /* of the text */
	struct seg s = {
	        .key = {p->addr, OUR_ADDR, p->port, p->lport},
	        .kind = SEG_TCP,
	        .flags = say.flags,
	        .seq = p->iss + 1 + at - syn,
	        .ack = (say.flags & TCP_ACK) ? p->our_iss + 1 + p->ack + (uint32_t)say.ack : 0,
	        .wnd = say.wnd < 0   ? 0
	               : say.wnd > 0 ? (uint16_t)say.wnd
	                             : p->wnd,
	        .len = say.len,
	        .tsval = p->t->now.ms + p->tsval + (uint32_t)say.ts,
	        .tsecr = (say.flags & TCP_ACK) ? p->tsecr + (uint32_t)say.tsecr : 0,
	};
	uint8_t header[sizeof(struct tcp_hdr)] = {0};
	enum drop why;
	uint8_t *b = NULL;

	be16_store(header + offsetof(struct tcp_hdr, urgent), say.urgent);
	s.frame = header;
	s.frame_len = say.shared; /* and no room */
	s.room = say.room;

	if (!say.no_buf) {
		s.buf = b = malloc(say.len + say.room + 1);
		p->rig->bufs++;
		s.text = b;
		for (uint32_t i = 0; i < say.len; i++)
			s.text[i] = pattern(at + i) ^
			            (say.lie != NULL && say.lie[at + i] ? 0xff : 0);
	}
	if (syn)
		offer(p, &say, &s);
	else if (p->ts && !say.no_ts)
		s.opts = SEG_OPT_TS;
	if (say.sack != NULL) {
		s.opts |= SEG_OPT_SACK;
		s.sack = say.sack;
		s.nsack = say.nsack != 0 ? say.nsack : TCP_SACK_MAX;
	}
	if (say.seq == 0 && !syn)
		p->seq += seg_len(&s);

	why = arrive(p->t, &s);
	if (p->t->syns.n != 0)
		tcp_answer_syns(p->t);
	if (why != DROP_NONE)
		counter_drop(p->t->count, why);
	if (s.buf != NULL)
		rig_buf_free(p->rig, s.buf);
	if (!p->rig->held)
		turn_end(p);
	return why;
}

void
turn_hold(struct peer *p)
{
	p->rig->held = true;
}

void
turn_end(struct peer *p)
{
	p->rig->held = false;
	tcp_speak(p->t,
	        UINT32_MAX); /* one call: a connection with more to send waits for the next */
}

static void
timers(struct peer *p)
{
	tcp_expire(p->t, 256);
	tcp_half_open_expire(p->t, 256);
	time_wait_expire(p->t, 256);
	turn_end(p);
}

void
peer_wait(struct peer *p, uint64_t ms)
{
	for (uint64_t i = 0; i < ms; i++) {
		tcp_turn(p->t, clock_from_us(p->t->now.us + US_PER_MILLISECOND));
		timers(p);
	}
}

void
peer_jump(struct peer *p, uint64_t us)
{
	tcp_turn(p->t, clock_from_us(p->t->now.us + us));
	timers(p);
}

void
peer_connect(struct peer *p)
{
	uint32_t ref;

	cr_assert_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
	cr_assert_eq(peer_send(p, .flags = TCP_ACK), DROP_NONE);
	ref = find(p);
	cr_assert_neq(ref, FLOW_NONE);
	p->conn = tcp_conn_at(p->t, ref & REF_INDEX);
	cr_assert_eq(p->conn->state, TCP_ESTABLISHED);
}

void
peer_call(struct peer *p)
{
	struct hf_open how = {.peer = {p->addr, p->port}, .ctx = p};
	struct hf_conn *c;

	p->called = true;
	cr_assert_eq(hf_connect(core_of(p), &rig_recorder, NULL, &how, &c), 0);
	p->conn = (struct tcp_conn *)c;
	p->lport = p->conn->key.lport;
}

static void
half_open(struct peer *p)
{
	cr_assert_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
}

static void
go_to(struct peer *p, enum tcp_state state)
{
	bool we_first = state == TCP_FIN_WAIT_1 || state == TCP_FIN_WAIT_2 ||
	                state == TCP_CLOSING || state == TCP_TIME_WAIT;
	bool fin_lost = state == TCP_FIN_WAIT_1 || state == TCP_CLOSING;

	if (we_first) {
		app_shutdown(p);
		if (fin_lost)
			p->ack--;
		else
			peer_send(p, .flags = TCP_ACK);
	}
	if (state != TCP_ESTABLISHED && state != TCP_FIN_WAIT_1 && state != TCP_FIN_WAIT_2)
		peer_send(p, .flags = TCP_FIN | TCP_ACK);
	if (state == TCP_LAST_ACK) {
		app_shutdown(p);
		p->ack--;
	}
}

struct peer *
peer_reach(struct peer_how how)
{
	struct peer *p = peer_new(how);

	if (how.state == TCP_SYN_RECEIVED) {
		half_open(p);
	} else if (how.state != TCP_LISTEN && how.state != TCP_CLOSED) {
		peer_connect(p);
		go_to(p, how.state);
	}
	if (how.state != TCP_LISTEN)
		cr_assert_eq(
		        peer_state(p), how.state, "went to %s", tcp_state_names[peer_state(p)]);
	sent_forget(p);
	return p;
}

struct peer *
peer_answer(struct peer_how how)
{
	struct peer *p = peer_new(how);

	peer_call(p);
	if (how.state == TCP_SYN_RECEIVED)
		cr_assert_eq(peer_send(p, .flags = TCP_SYN), DROP_NONE);
	if (how.state > TCP_SYN_RECEIVED) {
		cr_assert_eq(peer_send(p, .flags = TCP_SYN | TCP_ACK), DROP_NONE);
		go_to(p, how.state);
	}
	cr_assert_eq(peer_state(p), how.state);
	sent_forget(p);
	return p;
}

void
peer_end(struct peer *p)
{
	struct rig *r = p->rig;
	struct tcp *t = p->t;

	for (unsigned i = 0; i < r->npeers; i++)
		for (unsigned k = 0; k < r->peer[i]->nkept; k++)
			hf_buf_free(core_of(p), r->peer[i]->kept[k]);
	tcp_abort_all(t, HF_STOPPED);
	turn_end(p);
	for (unsigned i = 0; i < 200; i++)
		peer_jump(p, 1000000);
	cr_expect_eq(t->conns.used, 0, "%u connections left", t->conns.used);
	cr_expect_eq(t->table.used, 0, "%u slots of the flow table left", t->table.used);
	cr_expect_eq(t->tw.live, 0, "%u TIME-WAIT records left", t->tw.live);
	cr_expect_eq(t->sends.used, 0, "%u send descriptors left", t->sends.used);
	cr_expect_eq(t->pieces.used, 0, "%u out-of-order segments left", t->pieces.used);
	cr_expect_eq(t->losses.used, 0, "%u records of loss left", t->losses.used);
	cr_expect_eq(t->wheel.armed, 0, "%u timers left", t->wheel.armed);
	cr_expect_eq(t->half.pool.used, 0, "%u half open", t->half.pool.used);
	cr_expect_eq(t->kept, 0, "kept is %u", t->kept);
	for (unsigned i = 0; i < t->nusers; i++)
		cr_expect(t->user[i].open == 0 && t->user[i].opening == 0,
		        "user %u: %u open, %u opening", i, t->user[i].open, t->user[i].opening);
	cr_expect_eq(r->bufs, 0, "%d buffers left", r->bufs);
	for (unsigned i = 0; i < r->npeers; i++) {
		if (r->peer[i]->log[0] == 'o' || r->peer[i]->called)
			cr_expect_eq(r->peer[i]->closed, 1, "closed() did not come");
		free(r->peer[i]);
	}
	tcp_destroy(t);
	free(r);
}

/* The segments that were sent. */

unsigned
sent_waiting(const struct peer *p)
{
	return p->tail - p->head;
}

const struct sent *
sent_next(struct peer *p)
{
	return p->head == p->tail ? NULL : &p->out[p->head++ % OUTBOX];
}

void
sent_forget(struct peer *p)
{
	p->head = p->tail;
}

const struct sent *
sent_expect(struct peer *p, struct expected e, int line)
{
	const struct sent *s = sent_next(p);

	if (s == NULL)
		cr_assert_fail("line %d: nothing was sent", line);
	cr_expect(s->flags == e.flags && s->seq == e.seq && s->ack == e.ack && s->len == e.len,
	        "line %d: sent flags %#x seq %d ack %d len %u, expected %#x %d %d %u", line,
	        s->flags, (int)s->seq, (int)s->ack, s->len, e.flags, (int)e.seq, (int)e.ack,
	        e.len);
	return s;
}

void
silence_expect(struct peer *p, int line)
{
	const struct sent *s = sent_next(p);

	if (s != NULL)
		cr_expect_fail("line %d: sent flags %#x seq %d ack %d len %u, expected nothing",
		        line, s->flags, (int)s->seq, (int)s->ack, s->len);
}

/* The application's calls */

int
app_send(struct peer *p, uint32_t len)
{
	int rc;

	cr_assert_leq(p->queued + len, PATTERN_LEN);
	rc = hf_send(core_of(p), hf_of(p), pattern_text() + p->queued, len);
	if (rc == 0)
		p->queued += len;
	if (!p->rig->held && p->t->current == NULL)
		turn_end(p);
	return rc;
}

void
app_shutdown(struct peer *p)
{
	cr_assert_eq(hf_shutdown(core_of(p), hf_of(p)), 0);
	if (!p->rig->held)
		turn_end(p);
}

void
app_close(struct peer *p)
{
	hf_close(core_of(p), hf_of(p));
	if (!p->rig->held)
		turn_end(p);
}

int
bufs_out(const struct peer *p)
{
	return p->rig->bufs;
}
