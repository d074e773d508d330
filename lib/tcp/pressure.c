/* SPDX-License-Identifier: BSD-3-Clause */
/* The choice of the connection that ends when records, descriptors or buffers are scarce. */
#include "tcp/pressure.h"

#include "tcp/crowd.h"
#include "tcp/hand.h"
#include "tcp/life.h"
#include "tcp/pieces.h"

#define ENOUGH   8 /* a search ends with this number of candidates */
#define SCARCE   8 /* records are scarce when less than an eighth is free */
#define DEAF_FOR 4 /* retransmissions that an orphan's peer has not answered */
#define SHUT_FOR 8 /* probes of a shut window: 51 s and more */

/* The order in which connections end: the lowest rank first. */
enum rank { ORPHAN, CROWDED, SILENT, STALLED, IDLE, SPARED };

struct choice {
	enum rank rank;
	struct tcp_conn *conn;
	uint64_t idle_ms;
	unsigned seen; /* candidates so far */
};

/* The connections of a search. key NULL: all connections. */
struct among {
	const struct flow_key *key;
	enum sketch_scope scope;
};

/* The peer has acknowledged all text. Only FINs are under way. */
static bool
only_fins_left(const struct tcp_conn *c)
{
	return (c->flags & CONN_FIN_SENT) && c->snd_max - c->snd_una <= 1;
}

/* The peer takes none of the queued data: it left `attempts` transmissions unanswered. */
static bool
queue_is_stalled(const struct tcp *t, const struct tcp_conn *c, unsigned attempts)
{
	if (!(c->timers & TIMER_REXMT))
		return false;
	if (c->timers & TIMER_PERSIST)
		return tcp_rare(t, c)->probes >= attempts;
	return c->rexmits >= attempts;
}

/* The rank of a connection whose application has left. Its last data may still be under way to
 * a peer that takes it, and then it is spared. */
static enum rank
orphan_rank(const struct tcp *t, const struct tcp_conn *c)
{
	if (c->state == TCP_FIN_WAIT_2)
		return ORPHAN;
	return queue_is_stalled(t, c, only_fins_left(c) ? 1 : DEAF_FOR) ? ORPHAN : SPARED;
}

/* The time since the peer's last progress. */
static uint64_t
conn_idle_ms(const struct tcp *t, const struct tcp_conn *c)
{
	return clock_stamp_age_ms(t->now, c->heard);
}

static enum rank
conn_rank(struct tcp *t, const struct tcp_conn *c, uint64_t idle)
{
	/* a record on the list of speakers would not be free before the turn's end */
	if (c->state < TCP_ESTABLISHED || (c->flags & CONN_PENDING) || c == t->current)
		return SPARED;
	if (c->flags & CONN_APP_GONE)
		return orphan_rank(t, c);
	if (c->counted && idle >= PRESSURE_PAUSE_MS && crowd_is_near(&t->crowd, &c->key))
		return CROWDED;
	if (c->silent && idle >= PRESSURE_SILENT_MS)
		return SILENT;
	if (queue_is_stalled(t, c, PRESSURE_STALLED))
		return STALLED;
	return c->counted && idle >= PRESSURE_IDLE_MS ? IDLE : SPARED;
}

/* Note c in *best if c has a lower rank, or the same rank and a longer idle time. */
static void
candidate_consider(
        struct tcp *t, struct tcp_conn *c, const struct among *among, struct choice *best)
{
	uint64_t idle = conn_idle_ms(t, c);
	enum rank rank;

	if (among->key != NULL &&
	        !sketch_is_same(among->scope, c->key.raddr, among->key->raddr))
		return;
	rank = conn_rank(t, c, idle);
	if (rank == SPARED)
		return;
	best->seen++;
	if (rank < best->rank || (rank == best->rank && idle > best->idle_ms)) {
		best->rank = rank;
		best->conn = c;
		best->idle_ms = idle;
	}
}

static uint64_t *
eviction_counter(struct tcp *t, const struct tcp_conn *c, enum rank rank)
{
	switch (rank) {
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
conn_evict(struct tcp *t, struct tcp_conn *c, enum rank rank)
{
	counter_add(eviction_counter(t, c, rank), 1);
	/* No reset is sent, since it could destroy text that the peer has not read yet. The
	 * timers would end this connection without a segment, too. */
	if (rank == ORPHAN && only_fins_left(c)) {
		counter_add(&t->count->conn_timeout, 1);
		tcp_conn_end(t, c, HF_PRESSURE);
		return;
	}
	tcp_conn_abort(t, c, NULL, HF_PRESSURE);
}

/* End the connection of the lowest rank that the search finds. False: all are spared. */
static bool
search_and_evict(struct tcp *t, const struct among *among, uint32_t *spent, uint32_t most)
{
	struct choice best = {.rank = SPARED};
	uint32_t n = hand_allowance(t, spent, most), looked = 0;

	hand_prefetch(t, n);
	for (; looked < n && best.seen < ENOUGH && best.rank != ORPHAN; looked++)
		candidate_consider(t, hand_next(t), among, &best);
	if (best.rank == SPARED) {
		*spent += looked;
		return false;
	}
	conn_evict(t, best.conn, best.rank);
	return true;
}

/* The half-open records whose ACK may still arrive: one SYN-ACK was sent to them. A peer that
 * was sent two is unlikely to answer. Forged SYNs could make the table look full, so these
 * records count for at most an eighth of all connection records. */
static uint32_t
handshakes_expected(const struct tcp *t)
{
	uint32_t most = t->conns.capacity / SCARCE;

	return t->half.young < most ? t->half.young : most;
}

/* No connection ends for a SYN, because the address of a SYN is not proved. */
bool
pressure_is_full(struct tcp *t)
{
	struct pressure *p = &t->pressure;
	struct choice any = {.rank = SPARED};
	struct among all = {.key = NULL};
	uint32_t n;

	if (t->conns.used + handshakes_expected(t) < t->conns.capacity)
		return false;
	n = hand_allowance(t, &p->fruitless, PRESSURE_LOOK_PER_MS);
	for (uint32_t looked = 0; looked < n; looked++) {
		candidate_consider(t, hand_next(t), &all, &any);
		if (any.rank != SPARED) {
			p->hand--; /* pressure_make_room() examines this record first */
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

	return search_and_evict(t, &all, &t->pressure.fruitless, PRESSURE_LOOK_PER_MS);
}

/* The search has a budget of its own. In a common budget the newcomers of a crowd would use up
 * the searches of all others. */
static enum drop
crowd_replace_own(struct tcp *t, const struct flow_key *k, enum sketch_scope scope)
{
	struct among own = {.key = k, .scope = scope};
	bool found = search_and_evict(
	        t, &own, &t->pressure.fruitless_crowd, PRESSURE_LOOK_PER_MS / 4);

	return found ? DROP_NONE : DROP_PREFIX_CAP;
}

enum drop
pressure_admit(struct tcp *t, const struct flow_key *k)
{
	if (t->conns.capacity - t->conns.used >= t->conns.capacity / SCARCE)
		return DROP_NONE;
	if (sketch_is_full(&t->crowd, SKETCH_ADDR, k->raddr))
		return crowd_replace_own(t, k, SKETCH_ADDR);
	if (sketch_is_full(&t->crowd, SKETCH_PREFIX, k->raddr))
		return crowd_replace_own(t, k, SKETCH_PREFIX);
	return DROP_NONE;
}

/* A connection whose peer takes nothing could not send a buffer that became free. It is no
 * reason to end another connection. */
void
pressure_want_send(struct tcp *t, const struct tcp_conn *c)
{
	if (c == NULL || !queue_is_stalled(t, c, 1))
		t->pressure.want_send = true;
}

/* The queued data holds descriptors and buffers that other connections could use. Only a shut
 * window counts, because it has no end. A peer that does not answer may have a bad path, and
 * the limit of retransmissions ends that connection in any case. */
static bool
queue_held_in_vain(const struct tcp *t, const struct tcp_conn *c)
{
	return c->state >= TCP_ESTABLISHED && (c->timers & TIMER_PERSIST) &&
	       c->sends != POOL_NONE && !(c->flags & CONN_PENDING) &&
	       queue_is_stalled(t, c, SHUT_FOR);
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

		if (p->want_send && queue_held_in_vain(t, c))
			conn_evict(t, c, (c->flags & CONN_APP_GONE) ? ORPHAN : STALLED);
		else if (p->want_piece && pieces_are_worth_less(t, c, least))
			least = c;
	}
	if (least != NULL && pieces_are_old(least, p->wanted_by))
		pieces_forget(t, least);
	p->want_send = p->want_piece = false;
	return true;
}
