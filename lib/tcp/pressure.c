/* SPDX-License-Identifier: BSD-3-Clause */
#include "tcp/pressure.h"

#include "tcp/life.h"
#include "tcp/reasm.h"

#define AHEAD    8  /* records whose lines are on their way */
#define ENOUGH   8  /* candidates to choose from */
#define SCARCE   8  /* less than an eighth is free */
#define CROWD    16 /* a prefix may hold a sixteenth */
#define DEAF_FOR 4  /* retransmissions to which an orphan's peer said nothing */
#define SHUT_FOR 8  /* probes of a window: 51 s and more */
#define STALE    4  /* clock_stamp()s: 200 ms and more make a difference */

/* To its place; the least comes first. */
enum claim { ORPHAN, CROWDED, SILENT, STALLED, SPARED };

struct choice {
	enum claim claim;
	struct tcp_conn *conn;
	uint64_t age_ms;
	unsigned seen; /* candidates */
};

/* Multiply-shift: with a secret multiplier nobody knows whom he meets. */
static uint32_t
place(const struct pressure *p, unsigned row, const struct flow_key *k)
{
	uint64_t prefix = be32_to_cpu(k->raddr) >> 8;

	return (uint32_t)((prefix + 1) * p->multiplier[row] >> (64 - PRESSURE_BITS));
}

static bool
is_crowded(const struct tcp *t, const struct flow_key *k)
{
	const struct pressure *p = &t->pressure;

	return p->silent[0][place(p, 0, k)] >= p->cap && p->silent[1][place(p, 1, k)] >= p->cap;
}

void
pressure_init(struct pressure *p, const struct prf *prf, uint32_t max_conns)
{
	struct prf_block b = prf_one(prf, (struct prf_block) {.lo = 0});
	uint32_t cap = max_conns / CROWD;

	*p = (struct pressure) {
	        .multiplier = {b.lo | 1, b.hi | 1},
	        .cap = cap > PRESSURE_CAP_MIN ? cap : PRESSURE_CAP_MIN,
	};
}

enum drop
pressure_admit(const struct tcp *t, const struct flow_key *k)
{
	if (t->conns.capacity - t->conns.used >= t->conns.capacity / SCARCE)
		return DROP_NONE;
	return is_crowded(t, k) ? DROP_PREFIX_CAP : DROP_NONE;
}

void
pressure_established(struct tcp *t, struct tcp_conn *c)
{
	struct pressure *p = &t->pressure;

	if (tcp_is_active(t, c))
		return;
	c->silent = 1;
	p->silent[0][place(p, 0, &c->key)]++;
	p->silent[1][place(p, 1, &c->key)]++;
}

void
pressure_uncount(struct tcp *t, struct tcp_conn *c)
{
	struct pressure *p = &t->pressure;

	c->silent = 0;
	p->silent[0][place(p, 0, &c->key)]--;
	p->silent[1][place(p, 1, &c->key)]--;
}

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
	if (!(c->flags & CONN_REXMT))
		return false;
	if (c->flags & CONN_PERSIST)
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

static uint64_t
age_ms(const struct tcp *t, const struct tcp_conn *c)
{
	return clock_stamp_age_ms(t->now, tcp_rare(t, c)->opened);
}

static enum claim
claim_of(const struct tcp *t, const struct tcp_conn *c)
{
	/* a record on the list of speakers would not be free before the turn's end */
	if (c->state < TCP_ESTABLISHED || (c->flags & CONN_PENDING) || c == t->current)
		return SPARED;
	if (c->flags & CONN_APP_GONE)
		return of_orphan(t, c);
	if (c->silent && age_ms(t, c) >= PRESSURE_SILENT_MS)
		return is_crowded(t, &c->key) ? CROWDED : SILENT;
	return is_stalled(t, c, PRESSURE_STALLED) ? STALLED : SPARED;
}

/* Of those with equal claims the oldest. */
static void
consider(const struct tcp *t, struct tcp_conn *c, struct choice *best)
{
	enum claim claim = claim_of(t, c);
	uint64_t age;

	if (claim == SPARED)
		return;
	best->seen++;
	age = age_ms(t, c);
	if (claim < best->claim || (claim == best->claim && age > best->age_ms)) {
		best->claim = claim;
		best->conn = c;
		best->age_ms = age;
	}
}

static void
evict(struct tcp *t, struct tcp_conn *c, enum claim claim)
{
	switch (claim) {
	case ORPHAN:
		counter_add(&t->count->evicted_orphan, 1);
		break;
	case CROWDED:
	case SILENT:
		counter_add(&t->count->evicted_silent, 1);
		break;
	case STALLED:
		counter_add(&t->count->evicted_stalled, 1);
		break;
	case SPARED:
		return;
	}
	/* Its timers would end it without a word as well; a reset could destroy
	 * what the peer has yet to read. */
	if (claim == ORPHAN && is_said(c)) {
		counter_add(&t->count->conn_timeout, 1);
		tcp_conn_end(t, c, HF_PRESSURE);
		return;
	}
	tcp_conn_abort(t, c, NULL, HF_PRESSURE);
}

static void
prefetch(const struct tcp *t, uint32_t i)
{
	const uint8_t *c = (const uint8_t *)tcp_conn_at(t, i < t->conns.fresh ? i : 0);

	__builtin_prefetch(c);
	__builtin_prefetch(c + 64);
}

/* How many records this call may look at. */
static uint32_t
allowance(const struct tcp *t, struct pressure *p)
{
	if (p->ms != t->now.ms) {
		p->ms = t->now.ms;
		p->fruitless = 0;
	}
	if (p->fruitless >= PRESSURE_LOOK_PER_MS)
		return 0;
	return t->conns.fresh < PRESSURE_LOOK ? t->conns.fresh : PRESSURE_LOOK;
}

static struct tcp_conn *
next(struct tcp *t)
{
	struct pressure *p = &t->pressure;

	if (p->hand >= t->conns.fresh)
		p->hand = 0;
	prefetch(t, p->hand + AHEAD);
	return tcp_conn_at(t, p->hand++);
}

bool
pressure_make_room(struct tcp *t)
{
	struct pressure *p = &t->pressure;
	struct choice best = {.claim = SPARED};
	uint32_t n = allowance(t, p), looked = 0;

	for (uint32_t i = 0; i < n && i < AHEAD; i++)
		prefetch(t, p->hand + i);
	for (; looked < n && best.seen < ENOUGH && best.claim != ORPHAN; looked++)
		consider(t, next(t), &best);
	if (best.claim == SPARED) {
		p->fruitless += looked;
		return false;
	}
	evict(t, best.conn, best.claim);
	return true;
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
	return c->state >= TCP_ESTABLISHED && (c->flags & CONN_PERSIST) &&
	       c->sends != POOL_NONE && !(c->flags & CONN_PENDING) &&
	       is_stalled(t, c, SHUT_FOR);
}

/* RFC 2018 8: the receiver may; the peer sends it again. */
static void
forget(struct tcp *t, struct tcp_conn *c)
{
	counter_add(&t->count->reasm_forgotten, reasm_forget(t, c));
}

static unsigned
pieces(const struct tcp *t, const struct tcp_conn *c)
{
	bool any = c != NULL && c->state >= TCP_ESTABLISHED && c->reasm != POOL_NONE &&
	           reasm_has_holes(t, c);

	return any ? tcp_rare(t, c)->nreasm : 0;
}

/* By how much c last moved on before a moment, in units of clock_stamp(). */
static int32_t
moved_on_before(const struct tcp_conn *c, uint32_t heard)
{
	return (int32_t)(heard - c->heard);
}

/* Whose holes have stayed for longer: who fills them is served, who vanished or does not
 * mean to is not. Of equals the longer queue. */
static bool
is_worth_less(const struct tcp *t, const struct tcp_conn *c, const struct tcp_conn *other)
{
	int32_t before;

	if (pieces(t, c) == 0 || other == NULL)
		return pieces(t, c) != 0;
	before = moved_on_before(c, other->heard);
	if (before >= STALE || before <= -STALE)
		return before > 0;
	return pieces(t, c) > pieces(t, other);
}

bool
pressure_piece_room(struct tcp *t, const struct tcp_conn *c)
{
	struct pressure *p = &t->pressure;
	uint32_t n = allowance(t, p);
	struct tcp_conn *least = NULL;

	p->want_piece = true;
	p->wanted_by = c->heard;
	p->fruitless += n;
	while (n-- > 0) {
		struct tcp_conn *other = next(t);

		if (other != c && is_worth_less(t, other, least))
			least = other;
	}
	if (least == NULL || moved_on_before(least, c->heard) < STALE)
		return false;
	forget(t, least);
	return true;
}

bool
pressure_relieve(struct tcp *t)
{
	struct pressure *p = &t->pressure;
	struct tcp_conn *least = NULL;
	uint32_t n;

	if (!p->want_send && !p->want_piece)
		return false;
	n = allowance(t, p);
	p->fruitless += n;
	while (n-- > 0) {
		struct tcp_conn *c = next(t);

		if (p->want_send && holds_in_vain(t, c))
			evict(t, c, (c->flags & CONN_APP_GONE) ? ORPHAN : STALLED);
		else if (p->want_piece && is_worth_less(t, c, least))
			least = c;
	}
	if (least != NULL && moved_on_before(least, p->wanted_by) > -STALE)
		forget(t, least);
	p->want_send = p->want_piece = false;
	return true;
}
