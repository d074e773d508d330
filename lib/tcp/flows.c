/* SPDX-License-Identifier: BSD-3-Clause */
/* The look-up of the flows of a burst: all hashes first, then all buckets, then all records. No
 * cache line is waited for alone. */
#include "tcp/flows.h"

#include "base/touch.h"

/* Without timestamps, the rare line has the time of the round trip. */
static inline bool
segment_is_timed(const struct seg *s)
{
	return !(s->opts & SEG_OPT_TS) && !(s->flags & (TCP_SYN | TCP_RST));
}

static inline void
touch_record(const struct tcp *t, const struct seg *s)
{
	uint32_t i = s->ref & REF_INDEX;
	const uint8_t *c;

	if (s->ref == FLOW_NONE)
		return;
	if ((s->ref & REF_KIND) == REF_TIME_WAIT) {
		touch_line(&t->tw.ring[i]);
	} else if ((s->ref & REF_KIND) == REF_HALF_OPEN) {
		touch_line(half_open_at(&t->half, i));
	} else {
		c = (const uint8_t *)tcp_conn_at(t, i);
		touch_one_of(c, t->conns.used);      /* key, sequence numbers */
		touch_one_of(c + 64, t->conns.used); /* timer, round trip, windows */
		if (segment_is_timed(s))
			touch_one_of(&t->rare[i], t->conns.used);
	}
}

void
flows_look_ahead(struct tcp *t, struct seg *seg, const uint8_t *which, unsigned n)
{
	struct prf_block b[LIMIT_BURST];
	struct flow_cursor at;
	unsigned k = 0;

	do
		b[k] = flow_block(&seg[which[k]].key);
	while (++k < n);
	t->inserted_before = t->table.inserted;
	prf_burst(&t->flow_prf, b, b, n);
	for (unsigned i = 0; i < n; i++) {
		seg[which[i]].hash = (uint32_t)b[i].lo;
		flow_table_prefetch(&t->table, (uint32_t)b[i].lo);
	}
	for (unsigned i = 0; i < n; i++) {
		struct seg *s = &seg[which[i]];

		s->ref = flow_table_first(&t->table, s->hash, &at);
		touch_record(t, s);
	}
}

struct tcp_conn *
flows_find_conn(struct tcp *t, const struct flow_key *k)
{
	uint32_t ref = flows_find(t, tcp_flow_hash(t, k), k);

	if (ref == FLOW_NONE || (ref & REF_KIND) != REF_CONN)
		return NULL;
	return tcp_conn_at(t, ref & REF_INDEX);
}
