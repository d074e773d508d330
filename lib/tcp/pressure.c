/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/pressure.h"

#include "tcp/crowd.h"
#include "tcp/hand.h"
#include "tcp/life.h"
#include "tcp/pieces.h"

#define ENOUGH   8 /* candidates to choose from */
#define SCARCE   8 /* less than an eighth is free */
#define DEAF_FOR 4 /* retransmissions to which an orphan's peer said nothing */
#define SHUT_FOR 8 /* probes of a window: 51 s and more */

/* To its place; the least comes first. */
enum claim { ORPHAN, CROWDED, SILENT, STALLED, IDLE, SPARED };

struct choice {
	enum claim claim;
	struct tcp_conn *conn;
	uint64_t idle_ms;
	unsigned seen; /* candidates */
};

/* Whom a search is about: all, if key is NULL. */
struct among {
	const struct flow_key *key;
	enum sketch_scope scope;
};

/* The peer has everything, and only FINs are under way. */
static bool
is_said(const struct tcp_conn *c)
{
	return (c->flags & CONN_FIN_SENT) && c->snd_max - c->snd_una <= 1;
}

/* What is queued is of no use to a peer that takes nothing of it. */
static bool
is_stalled(const struct tcp *t, const struct tcp_conn *c, unsigned attempts)
{
	if (!(c->timers & TIMER_REXMT))
		return false;
	if (c->timers & TIMER_PERSIST)
		return tcp_rare(t, c)->probes >= attempts;
	return c->rexmits >= attempts;
}

/* The application has left, but what it said last may still be under way to a
 * peer that takes it, and that one is spared. */
static enum claim
of_orphan(const struct tcp *t, const struct tcp_conn *c)
{
	if (c->state == TCP_FIN_WAIT_2)
		return ORPHAN;
	return is_stalled(t, c, is_said(c) ? 1 : DEAF_FOR) ? ORPHAN : SPARED;
}

/* Since its peer made progress. */
static uint64_t
idle_ms(const struct tcp *t, const struct tcp_conn *c)
{
	return clock_stamp_age_ms(t->now, c->heard);
}

static enum claim
claim_of(struct tcp *t, const struct tcp_conn *c, uint64_t idle)
{
	/* a record on the list of speakers would not be free before the turn's end */
	if (c->state < TCP_ESTABLISHED || (c->flags & CONN_PENDING) || c == t->current)
		return SPARED;
	if (c->flags & CONN_APP_GONE)
		return of_orphan(t, c);
	if (c->counted && idle >= PRESSURE_PAUSE_MS && crowd_is_near(&t->crowd, &c->key))
		return CROWDED;
	if (c->silent && idle >= PRESSURE_SILENT_MS)
		return SILENT;
	if (is_stalled(t, c, PRESSURE_STALLED))
		return STALLED;
	return c->counted && idle >= PRESSURE_IDLE_MS ? IDLE : SPARED;
}

/* Of those with equal claims who has been idle for longest. */
static void
consider(struct tcp *t, struct tcp_conn *c, const struct among *among, struct choice *best)
{
	uint64_t idle = idle_ms(t, c);
	enum claim claim;

	if (among->key != NULL && !sketch_is_same(among->scope, c->key.raddr, among->key->raddr))
		return;
	claim = claim_of(t, c, idle);
	if (claim == SPARED)
		return;
	best->seen++;
	if (claim < best->claim || (claim == best->claim && idle > best->idle_ms)) {
		best->claim = claim;
		best->conn = c;
		best->idle_ms = idle;
	}
}

static uint64_t *
evictions(struct tcp *t, const struct tcp_conn *c, enum claim claim)
{
	switch (claim) {
	case ORPHAN:
		return &t->count->evicted_orphan;
	case STALLED:
		return &t->count->evicted_stalled;
	case SILENT:
	case CROWDED:
	case IDLE:
	case SPARED:
		break;
	}
	return c->silent ? &t->count->evicted_silent : &t->count->evicted_idle;
}

static void
evict(struct tcp *t, struct tcp_conn *c, enum claim claim)
{
	counter_add(evictions(t, c, claim), 1);
	/* Its timers would end it without a word as well; a reset could destroy
	 * what the peer has yet to read. */
	if (claim == ORPHAN && is_said(c)) {
		counter_add(&t->count->conn_timeout, 1);
		tcp_conn_end(t, c, HF_PRESSURE);
		return;
	}
	tcp_conn_abort(t, c, NULL, HF_PRESSURE);
}

/* One of those goes. False: nobody deserves it. */
static bool
search(struct tcp *t, const struct among *among, uint32_t *spent, uint32_t most)
{
	struct choice best = {.claim = SPARED};
	uint32_t n = hand_allowance(t, spent, most), looked = 0;

	hand_prefetch(t, n);
	for (; looked < n && best.seen < ENOUGH && best.claim != ORPHAN; looked++)
		consider(t, hand_next(t), among, &best);
	if (best.claim == SPARED) {
		*spent += looked;
		return false;
	}
	evict(t, best.conn, best.claim);
	return true;
}

/* Those whose ACK may be on its way. A peer that has been sent two SYN-ACKs and does not
 * answer is hardly one, and SYNs that nobody stands behind could make it look full: so they
 * count for an eighth of all records at the most. */
static uint32_t
expected(const struct tcp *t)
{
	uint32_t most = t->conns.capacity / SCARCE;

	return t->half.young < most ? t->half.young : most;
}

/* Nobody goes for a SYN: its address is not proved. */
bool
pressure_is_full(struct tcp *t)
{
	struct pressure *p = &t->pressure;
	struct choice any = {.claim = SPARED};
	struct among all = {.key = NULL};
	uint32_t n;

	if (t->conns.used + expected(t) < t->conns.capacity)
		return false;
	n = hand_allowance(t, &p->fruitless, PRESSURE_LOOK_PER_MS);
	for (uint32_t looked = 0; looked < n; looked++) {
		consider(t, hand_next(t), &all, &any);
		if (any.claim != SPARED) {
			p->hand--; /* the first whom pressure_make_room() looks at */
			return false;
		}
	}
	p->fruitless += n;
	return true;
}

bool
pressure_make_room(struct tcp *t)
{
	struct among all = {.key = NULL};

	return search(t, &all, &t->pressure.fruitless, PRESSURE_LOOK_PER_MS);
}

/* A search of its own budget: else a crowd that knocks would use up what others need. */
static enum drop
replace_own(struct tcp *t, const struct flow_key *k, enum sketch_scope scope)
{
	struct among own = {.key = k, .scope = scope};
	bool found = search(t, &own, &t->pressure.fruitless_crowd, PRESSURE_LOOK_PER_MS / 4);

	return found ? DROP_NONE : DROP_PREFIX_CAP;
}

enum drop
pressure_admit(struct tcp *t, const struct flow_key *k)
{
	if (t->conns.capacity - t->conns.used >= t->conns.capacity / SCARCE)
		return DROP_NONE;
	if (sketch_is_full(&t->crowd, SKETCH_ADDR, k->raddr))
		return replace_own(t, k, SKETCH_ADDR);
	if (sketch_is_full(&t->crowd, SKETCH_PREFIX, k->raddr))
		return replace_own(t, k, SKETCH_PREFIX);
	return DROP_NONE;
}

/* Who could not send what it asks for is no reason to end another one. */
void
pressure_want_send(struct tcp *t, const struct tcp_conn *c)
{
	if (c == NULL || !is_stalled(t, c, 1))
		t->pressure.want_send = true;
}

/* What is queued here, others could send. Who does not answer may be on a bad path, and
 * has only so many retransmissions in any case; but a shut window has no end. */
static bool
holds_in_vain(const struct tcp *t, const struct tcp_conn *c)
{
	return c->state >= TCP_ESTABLISHED && (c->timers & TIMER_PERSIST) &&
	       c->sends != POOL_NONE && !(c->flags & CONN_PENDING) &&
	       is_stalled(t, c, SHUT_FOR);
}

bool
pressure_relieve(struct tcp *t)
{
	struct pressure *p = &t->pressure;
	struct tcp_conn *least = NULL;
	uint32_t n;

	if (!p->want_send && !p->want_piece)
		return false;
	n = hand_allowance(t, &p->fruitless, PRESSURE_LOOK_PER_MS);
	p->fruitless += n;
	while (n-- > 0) {
		struct tcp_conn *c = hand_next(t);

		if (p->want_send && holds_in_vain(t, c))
			evict(t, c, (c->flags & CONN_APP_GONE) ? ORPHAN : STALLED);
		else if (p->want_piece && pieces_are_worth_less(t, c, least))
			least = c;
	}
	if (least != NULL && pieces_are_old(least, p->wanted_by))
		pieces_forget(t, least);
	p->want_send = p->want_piece = false;
	return true;
}
