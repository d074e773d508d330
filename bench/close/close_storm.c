/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a storm: segments of its connections beside the questions of others. */
#include "close_storm.h"

#include <string.h>

#include <rte_mbuf.h>

#include "bench/kit/bench.h"
#include "closer.h"

#define SPARE       1024
#define PROBES      1024 /* connections that ask */
#define TX_SLOTS    (1u << 18)
#define PACKET_ROOM 256
#define CALM_NS     5000000   /* the calm before the storm, and after it */
#define MOST_NS     400000000 /* the longest storm */
#define DELAYS_MAX  (1u << 16)

const char *const close_storm_names[STORM_KINDS] = {
        [STORM_NONE] = "no storm",
        [STORM_FIN] = "FINs from the peers",
        [STORM_RST] = "RSTs from the peers",
        [STORM_OURS] = "closed by us in one turn",
};

enum saying {
	SAYING_ASK,
	SAYING_FIN, /* the peer's, whether it acknowledges ours or not */
	SAYING_LAST_ACK,
	SAYING_RST,
	SAYINGS
};

/* Segments that the peers have yet to send, in order. */
struct backlog {
	uint32_t *who; /* the peers */
	uint8_t *what; /* enum saying */
	uint32_t head, tail;
};

struct probe {
	uint32_t who;
	uint32_t asked;  /* questions so far */
	bool waits;      /* its last question has no answer yet */
	uint64_t due_ns; /* the time at which its last question was due */
};

struct storm {
	const struct close_storm_conf *conf;
	struct victim *victim;
	struct crowd *crowd;
	struct closer closer;
	uint32_t *order;    /* peers: first those that end, then those that ask */
	uint32_t *probe_of; /* a peer's index in `probe`, plus 1; 0: it does not ask */
	struct crowd_say say[SAYINGS];
	struct template frame[SAYINGS];
	struct backlog ends;
	struct probe probe[PROBES];
	uint64_t now_ns; /* the attacked core's time */
	uint64_t ask_ns; /* the time at which the next question is due */
	uint32_t next_probe;
	uint64_t longest_turn_ns;
	uint32_t ndelays;
	double *delay_ms;
	uint64_t asked;
};

static double
ms_of(uint64_t ns)
{
	return (double)ns / 1e6;
}

static void
queue_segment(struct backlog *b, uint32_t who, enum saying what)
{
	b->who[b->tail] = who;
	b->what[b->tail++] = (uint8_t)what;
}

static void
heard_answer(struct storm *s, struct probe *p)
{
	if (!p->waits)
		return;
	p->waits = false;
	if (s->ndelays < DELAYS_MAX)
		s->delay_ms[s->ndelays++] = ms_of(s->now_ns - p->due_ns);
}

/* Notes one segment that the victim sent to a peer in the last turn. */
static void
heard_segment(void *ctx, uint32_t who, uint8_t flags, uint32_t len)
{
	struct storm *s = ctx;

	if (s->probe_of[who] != 0) {
		if (len > 0)
			heard_answer(s, &s->probe[s->probe_of[who] - 1]);
		return;
	}
	if (!(flags & TCP_FIN) || s->ends.tail == 2 * s->conf->ending)
		return;
	queue_segment(
	        &s->ends, who, s->conf->kind == STORM_OURS ? SAYING_FIN : SAYING_LAST_ACK);
}

static void
say_segment(struct storm *s, struct rte_mbuf *m, enum saying what, uint32_t who, uint32_t sent)
{
	struct crowd_say words = s->say[what];

	words.sent += sent;
	crowd_write(s->crowd, &words, &s->frame[what], who, m);
	victim_offer(s->victim, &m, 1);
}

/* Sends the questions that are due, while the wire has room. A connection that still waits
 * does not ask again: the next connection asks at the next time. */
static void
ask_questions(struct storm *s)
{
	struct rte_mbuf *m;

	while (s->ask_ns <= s->now_ns && victim_room(s->victim, &m, 1) == 1) {
		struct probe *p = &s->probe[s->next_probe++ % PROBES];

		if (!p->waits) {
			p->waits = true;
			p->due_ns = s->ask_ns;
			say_segment(s, m, SAYING_ASK, p->who, p->asked++);
			s->asked++;
		}
		s->ask_ns += 1000 * (uint64_t)s->conf->ask_us;
	}
}

static void
end_conns(struct storm *s)
{
	struct backlog *b = &s->ends;
	struct rte_mbuf *m;

	while (b->head < b->tail && victim_room(s->victim, &m, 1) == 1) {
		say_segment(s, m, b->what[b->head], b->who[b->head], 0);
		b->head++;
	}
}

static void
run_turn(struct storm *s)
{
	uint64_t ns;

	ask_questions(s);
	end_conns(s);
	ns = victim_turn(s->victim);
	s->now_ns += ns;
	if (ns > s->longest_turn_ns)
		s->longest_turn_ns = ns;
	crowd_listen(s->crowd);
}

static void
run_calm(struct storm *s)
{
	uint64_t until = s->now_ns + CALM_NS;

	while (s->now_ns < until)
		run_turn(s);
}

static void
begin_storm(struct storm *s)
{
	switch (s->conf->kind) {
	case STORM_FIN:
	case STORM_RST:
		for (uint32_t i = 0; i < s->conf->ending; i++)
			queue_segment(&s->ends, s->order[i],
			        s->conf->kind == STORM_FIN ? SAYING_FIN : SAYING_RST);
		break;
	case STORM_OURS:
		closer_close(&s->closer, s->order, s->conf->ending);
		break;
	case STORM_NONE:
	case STORM_KINDS:
		break;
	}
}

/* The number of connections that should have ended and have not. */
static uint32_t
conns_left(struct storm *s)
{
	uint32_t should = s->conf->open - (s->conf->kind != STORM_NONE ? s->conf->ending : 0);

	return stack_usage(victim_worker(s->victim)->st).conns - should;
}

static void
run_storm(struct storm *s, struct close_storm *out)
{
	struct counters *count = victim_worker(s->victim)->counters;
	uint64_t start, until, lost, again;

	run_calm(s);
	s->longest_turn_ns = 0;
	s->ndelays = 0;
	lost = count->drop[DROP_TX_FULL];
	again = count->segments_retransmitted;
	start = s->now_ns;
	until = start + MOST_NS;
	begin_storm(s);
	while (conns_left(s) > 0 && s->now_ns < until)
		run_turn(s);
	out->end_ms = ms_of(s->now_ns - start);
	run_calm(s);
	out->left = conns_left(s);
	out->turn_ms = ms_of(s->longest_turn_ns);
	out->tx_full = count->drop[DROP_TX_FULL] - lost;
	out->retransmitted = count->segments_retransmitted - again;
}

static void
sum_up_delays(struct storm *s, struct close_storm *out)
{
	struct bench_result r;

	out->asked = s->asked;
	for (unsigned i = 0; i < PROBES; i++) {
		struct probe *p = &s->probe[i];

		if (!p->waits || s->now_ns - p->due_ns < 1000000)
			continue;
		out->unanswered++;
		heard_answer(s, p);
	}
	if (s->ndelays == 0)
		return;
	r = bench_summary(s->delay_ms, s->ndelays);
	out->median_ms = r.median;
	out->max_ms = r.max;
}

static void
make_segments(struct storm *s)
{
	s->say[SAYING_ASK] = (struct crowd_say) {.flags = TCP_ACK | TCP_PSH, .text = "?"};
	s->say[SAYING_FIN] = (struct crowd_say) {.flags = TCP_FIN | TCP_ACK};
	s->say[SAYING_LAST_ACK] = (struct crowd_say) {.flags = TCP_ACK, .sent = 1};
	s->say[SAYING_RST] = (struct crowd_say) {.flags = TCP_RST};
	for (unsigned i = 0; i < SAYINGS; i++)
		crowd_template(s->crowd, &s->say[i], &s->frame[i]);
}

static bool
allocate_storm(struct storm *s)
{
	const struct close_storm_conf *conf = s->conf;
	uint64_t seed = 7;

	s->order = bench_permutation(conf->open, &seed);
	s->probe_of = calloc(conf->open, sizeof(uint32_t));
	s->delay_ms = calloc(DELAYS_MAX, sizeof(double));
	s->ends.who = calloc(2 * (size_t)conf->ending + 1, sizeof(uint32_t));
	s->ends.what = calloc(2 * (size_t)conf->ending + 1, 1);
	return s->order != NULL && s->probe_of != NULL && s->delay_ms != NULL &&
	       s->ends.who != NULL && s->ends.what != NULL;
}

static bool
make_storm(struct storm *s)
{
	const struct close_storm_conf *conf = s->conf;
	const struct victim_conf v = {
	        .stack = {.max_conns = conf->open + SPARE},
	        .offload = conf->offload,
	        .rx_slots = conf->slots,
	        .tx_slots = TX_SLOTS,
	        .keep = true,
	        .packet_room = PACKET_ROOM,
	};

	if (conf->open < conf->ending + PROBES) {
		fprintf(stderr, "%u connections are needed: %u end, %u ask\n",
		        conf->ending + PROBES, conf->ending, PROBES);
		return false;
	}
	s->victim = victim_create(&v);
	if (s->victim != NULL)
		s->crowd = crowd_create(s->victim, conf->open, false);
	if (s->crowd == NULL || !allocate_storm(s) ||
	        !closer_init(&s->closer, s->victim, s->crowd))
		return false;
	for (uint32_t i = 0; i < PROBES; i++) {
		s->probe[i].who = s->order[conf->ending + i];
		s->probe_of[s->probe[i].who] = i + 1;
	}
	make_segments(s);
	return crowd_open(s->crowd, s->order) != 0;
}

static void
destroy_storm(struct storm *s)
{
	crowd_destroy(s->crowd);
	victim_destroy(s->victim);
	free(s->order);
	free(s->probe_of);
	free(s->delay_ms);
	free(s->ends.who);
	free(s->ends.what);
	free(s);
}

bool
close_storm_measure(const struct close_storm_conf *conf, struct close_storm *out)
{
	struct storm *s = calloc(1, sizeof(*s));
	bool ok;

	memset(out, 0, sizeof(*out));
	if (s == NULL)
		return false;
	s->conf = conf;
	ok = make_storm(s);
	if (ok) {
		crowd_on_heard(s->crowd, heard_segment, s);
		run_storm(s, out);
		sum_up_delays(s, out);
	}
	destroy_storm(s);
	return ok;
}
