/* SPDX-License-Identifier: BSD-3-Clause */
/* The TIME-WAIT state (RFC 9293 3.6.1): its records, their segments and their end. */
#include "tcp/time_wait.h"

#include <errno.h>

#include "base/arena.h"
#include "tcp/bare.h"

#define BATCH 32

/* The ISN of a reopened connection is at least this far above the last sequence number of the
 * old one (RFC 1122 4.2.2.13 asks for larger than the largest it used). */
#define ISS_STEP 64000

#define REOPEN_MS 1000
#define TW_LADDR  (TCP_ADDRS_MAX - 1)
#define WND_MOST  (UINT16_MAX << TCP_WSCALE_MAX)

/* An RST may take 3 s to come back. */
#define ASKED_STAMPS (3 * US_PER_SECOND >> CLOCK_STAMP_SHIFT)

int
time_wait_create(struct time_wait *tw, uint32_t capacity, uint32_t wait_ms, int node)
{
	uint32_t n = 2 * BATCH;

	while (n < capacity)
		n *= 2;
	tw->ring = arena_alloc((size_t)n * sizeof(*tw->ring), node);
	if (tw->ring == NULL)
		return -ENOMEM;
	tw->most = capacity > BATCH ? capacity : BATCH;
	tw->capacity = n;
	tw->wait_ms = wait_ms;
	return 0;
}

void
time_wait_destroy(struct time_wait *tw)
{
	if (tw->ring != NULL)
		arena_free(tw->ring, (size_t)tw->capacity * sizeof(*tw->ring));
	tw->ring = NULL;
}

static struct tw_record *
tw_at(const struct time_wait *tw, uint32_t position)
{
	return &tw->ring[position & (tw->capacity - 1)];
}

static bool
tw_is_live(const struct tw_record *r)
{
	return r->rport != 0;
}

static struct flow_key
tw_key(const struct tcp *t, const struct tw_record *r)
{
	return (struct flow_key) {
	        .raddr = r->raddr,
	        .laddr = tcp_addr(t, r->laddr),
	        .rport = r->rport,
	        .lport = r->lport,
	};
}

/* End the records from head to `to`, at most BATCH positions. Their hashes are computed
 * together, and their buckets are fetched together. */
static void
tw_end_batch(struct tcp *t, uint32_t to, uint64_t *counter)
{
	struct time_wait *tw = &t->tw;
	struct prf_block b[BATCH];
	uint32_t ref[BATCH];
	unsigned n = 0;

	for (unsigned i = 0; i < BATCH && tw->head != to; i++, tw->head++) {
		struct tw_record *r = tw_at(tw, tw->head);
		struct flow_key k;

		if (!tw_is_live(r))
			continue;
		k = tw_key(t, r);
		b[n] = flow_block(&k);
		ref[n++] = REF_TIME_WAIT | (tw->head & (tw->capacity - 1));
		r->rport = 0;
	}
	prf_burst(&t->flow_prf, b, b, n);
	for (unsigned i = 0; i < n; i++)
		flow_table_prefetch(&t->table, (uint32_t)b[i].lo);
	for (unsigned i = 0; i < n; i++)
		flow_table_remove(&t->table, (uint32_t)b[i].lo, ref[i]);
	tw->live -= n;
	counter_add(counter, n);
}

static const struct tw_mark *
last_mark(const struct time_wait *tw)
{
	return &tw->mark[(tw->next_mark - 1) & (TW_MARKS - 1)];
}

/* Does a record that enters now still belong to the last mark? */
static bool
mark_is_fresh(const struct tcp *t)
{
	return t->tw.next_mark != t->tw.first_mark &&
	       t->now.ms - last_mark(&t->tw)->ms < t->tw.wait_ms / 64 + 1;
}

/* Advance the tail, and set a mark if the last one is too old. */
static uint32_t
new_position(struct tcp *t)
{
	struct time_wait *tw = &t->tw;

	if (tw->tail - tw->head == tw->most)
		tw_end_batch(t, tw->tail, &t->count->tw_evicted);
	if (!mark_is_fresh(t)) {
		/* all records before this mark are older than now */
		if (tw->next_mark - tw->first_mark == TW_MARKS)
			tw->first_mark++;
		tw->mark[tw->next_mark++ & (TW_MARKS - 1)] = (struct tw_mark) {
		        .ms = t->now.ms, .tail = tw->tail};
	}
	return tw->tail++ & (tw->capacity - 1);
}

void
time_wait_enter(struct tcp *t, struct tcp_conn *c)
{
	uint32_t i = new_position(t);

	t->tw.ring[i] = (struct tw_record) {
	        .raddr = c->key.raddr,
	        .rport = c->key.rport,
	        .lport = c->key.lport,
	        .laddr = (uint16_t)tcp_addr_index(t, c->key.laddr) & TW_LADDR,
	        .rcv_nxt = c->rcv_nxt,
	        .snd_nxt = c->snd_nxt,
	        .ts_recent = c->ts_recent,
	        .has_ts = !!(c->flags & CONN_TS),
	};
	t->tw.live++;
	flow_table_replace(&t->table, c->hash, REF_CONN | tcp_index(t, c), REF_TIME_WAIT | i);
}

bool
time_wait_is(const struct tcp *t, uint32_t i, const struct flow_key *k)
{
	const struct tw_record *r = &t->tw.ring[i];

	return r->rport == k->rport && r->raddr == k->raddr && r->lport == k->lport &&
	       r->rport != 0 && tcp_addr(t, r->laddr) == k->laddr;
}

/* Move record i to the tail: its 2 MSL begin again. */
static void
tw_restart(struct tcp *t, uint32_t i, uint32_t hash)
{
	struct time_wait *tw = &t->tw;
	struct tw_record copy = tw->ring[i];
	uint32_t position = tw->head + ((i - tw->head) & (tw->capacity - 1));
	uint32_t j;

	/* A record behind the last mark waits as long where it is. If it moved, a FIN that is
	 * repeated often would fill the ring with dead records. */
	if (mark_is_fresh(t) && seq_geq(position, last_mark(tw)->tail))
		return;
	tw->ring[i].rport = 0;
	j = new_position(t);
	tw->ring[j] = copy;
	flow_table_replace(&t->table, hash, REF_TIME_WAIT | i, REF_TIME_WAIT | j);
}

/* Do we know the clock of the flow's timestamps? After the keys were replaced, only an echo
 * says which keys the clock is from. A SYN echoes nothing. */
static bool
tw_knows_clock(const struct tcp *t, const struct seg *s)
{
	return !t->cookies.has_former || (s->flags & TCP_ACK);
}

/* The clock of the flow's timestamps. With two sets of keys it is the one that was at the
 * echoed time more lately. */
static uint32_t
flow_clock(const struct tcp *t, const struct seg *s)
{
	uint32_t ours = t->now.ms + tcp_ts_offset(t, &s->key), former;

	if (!t->cookies.has_former)
		return ours;
	former = tcp_ts_ms(t) +
	         (uint32_t)prf_one(&t->cookies.former_ts, flow_block(&s->key)).lo;
	return former - s->tsecr < ours - s->tsecr ? former : ours;
}

/* Send an ACK that is no longer than the segment. A SYN without timestamps gets none: its
 * sender does not look for them (in SYN-SENT it sends a reset). */
static void
tw_acknowledge(struct tcp *t, const struct tw_record *r, struct seg *s)
{
	struct tcp_opts opts;

	opts.present = 0;
	if (r->has_ts && (s->opts & SEG_OPT_TS) && tw_knows_clock(t, s)) {
		opts.present = SEG_OPT_TS;
		opts.tsval = flow_clock(t, s);
		opts.tsecr = r->ts_recent;
	}
	tcp_send_bare(t, s, r->snd_nxt, r->rcv_nxt, UINT16_MAX, &opts);
}

/* RFC 6191 with timestamps, RFC 1122 4.2.2.13 without. */
static bool
newer_syn(const struct tw_record *r, const struct seg *s)
{
	if ((s->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) != TCP_SYN)
		return false;
	if (r->asked == TW_PROVED)
		return true;
	if (!r->has_ts && (s->opts & SEG_OPT_TS))
		return true; /* old segments have no timestamps, and will be dropped */
	if (s->opts & SEG_OPT_TS)
		return seq_gt(s->tsval, r->ts_recent) ||
		       (s->tsval == r->ts_recent && seq_gt(s->seq, r->rcv_nxt));
	return seq_gt(s->seq, r->rcv_nxt);
}

static uint16_t
asked_stamp(const struct tcp *t)
{
	uint16_t now = (uint16_t)clock_stamp(t->now);

	return now == TW_NOT_ASKED || now == TW_PROVED ? 1 : now;
}

/* An RST does not end the state, since our answer to an old segment may have caused it (RFC
 * 1337). But a peer that resets exactly our answer to its SYN is, or was lately, in SYN-SENT.
 * It would be kept out for 2 MSL, so its next SYN counts. */
static enum drop
take_rst(const struct tcp *t, struct tw_record *r, const struct seg *s)
{
	uint16_t ago = (uint16_t)(asked_stamp(t) - r->asked);

	if (r->asked == TW_NOT_ASKED || r->asked == TW_PROVED || ago > ASKED_STAMPS ||
	        s->seq != r->rcv_nxt)
		return DROP_TW_RST;
	r->asked = TW_PROVED;
	return DROP_NONE;
}

/* Does the peer send its FIN again? The checks are those of other states (RFC 7323 5.3 R1, RFC
 * 5961 5.2 with the largest possible window). */
static bool
is_fin_again(const struct tw_record *r, const struct seg *s)
{
	return (s->flags & (TCP_SYN | TCP_FIN | TCP_ACK)) == (TCP_FIN | TCP_ACK) &&
	       s->seq + seg_len(s) == r->rcv_nxt && r->snd_nxt - s->ack <= WND_MOST &&
	       !(r->has_ts && seq_lt(s->tsval, r->ts_recent));
}

static enum drop
tw_answer(struct tcp *t, uint32_t i, struct seg *s)
{
	struct tw_record *r = &t->tw.ring[i];
	bool fin_again = is_fin_again(r, s), syn = s->flags & TCP_SYN;
	enum drop why = fin_again ? DROP_NONE : DROP_TW_OLD;

	if (answers_take(&t->bare_acks, s->key.raddr, t->now.us)) {
		tw_acknowledge(t, r, s);
		if (syn && r->asked != TW_PROVED)
			r->asked = asked_stamp(t);
	} else {
		why = DROP_TW_RATE;
	}
	if (fin_again)
		tw_restart(t, i, s->hash);
	return why;
}

/* RFC 9293 3.10.7.4 for TIME-WAIT; RFC 1337 for resets. */
enum drop
time_wait_input(struct tcp *t, uint32_t i, struct seg *s, bool *reopen, uint32_t *iss_floor)
{
	struct tw_record *r = &t->tw.ring[i];

	*reopen = false;
	if (s->flags & TCP_RST)
		return take_rst(t, r, s);
	if (newer_syn(r, s)) {
		*reopen = true;
		*iss_floor = r->snd_nxt + ISS_STEP;
		return DROP_NONE;
	}
	if (!(s->flags & TCP_SYN)) {
		if (r->has_ts && !(s->opts & SEG_OPT_TS))
			return DROP_TCP_TS_MISSING; /* RFC 7323 3.2 */
		if (!(s->flags & TCP_ACK))
			return DROP_TCP_NO_ACK; /* fifth */
	}
	/* A pure ACK at RCV.NXT needs no answer: two hosts in TIME-WAIT would answer each other
	 * for ever. */
	if (seg_len(s) == 0 && s->seq == r->rcv_nxt)
		return DROP_TW_OLD;
	return tw_answer(t, i, s);
}

/* Has record i entered the state, or seen a FIN again, at least `ms` ago? A record behind a
 * mark came while that mark was fresh. */
static bool
tw_is_older(const struct tcp *t, uint32_t i, uint32_t ms)
{
	const struct time_wait *tw = &t->tw;
	uint32_t position = tw->head + ((i - tw->head) & (tw->capacity - 1));

	for (uint32_t m = tw->next_mark; m != tw->first_mark; m--) {
		const struct tw_mark *mark = &tw->mark[(m - 1) & (TW_MARKS - 1)];

		if (seq_geq(position, mark->tail))
			return seq_geq(t->now.ms, mark->ms + tw->wait_ms / 64 + ms);
	}
	return true; /* it is older than all marks */
}

bool
time_wait_may_reopen(const struct tcp *t, uint32_t i, uint32_t *iss_floor)
{
	const struct tw_record *r = &t->tw.ring[i];

	if (!r->has_ts || !tw_is_older(t, i, REOPEN_MS))
		return false;
	*iss_floor = r->snd_nxt + ISS_STEP;
	return true;
}

void
time_wait_reopened(struct tcp *t, uint32_t i, uint32_t hash)
{
	flow_table_remove(&t->table, hash, REF_TIME_WAIT | i);
	t->tw.ring[i].rport = 0;
	t->tw.live--;
	counter_add(&t->count->tw_reopened, 1);
}

bool
time_wait_is_due(const struct tcp *t)
{
	const struct time_wait *tw = &t->tw;
	const struct tw_mark *first = &tw->mark[tw->first_mark & (TW_MARKS - 1)];

	return tw->next_mark != tw->first_mark &&
	       t->now.ms - first->ms >= tw->wait_ms + tw->wait_ms / 64 + 1;
}

bool
time_wait_expire(struct tcp *t, unsigned most)
{
	struct time_wait *tw = &t->tw;
	unsigned done = 0;

	while (time_wait_is_due(t) && done < most) {
		const struct tw_mark *next = &tw->mark[(tw->first_mark + 1) & (TW_MARKS - 1)];
		bool last = tw->next_mark - tw->first_mark == 1;
		/* the records between this mark and the next; their time counts from the
		 * latest moment at which they can have come */
		uint32_t to = last ? tw->tail : next->tail;

		if (seq_lt(tw->head, to)) {
			tw_end_batch(t, to, &t->count->tw_expired);
			done += BATCH;
			continue;
		}
		tw->first_mark++;
	}
	return done != 0;
}

bool
time_wait_at(const struct tcp *t, uint32_t i, struct flow_key *k)
{
	const struct tw_record *r;

	if (i >= t->tw.tail - t->tw.head)
		return false;
	r = tw_at(&t->tw, t->tw.head + i);
	if (!tw_is_live(r))
		return false;
	*k = tw_key(t, r);
	return true;
}
