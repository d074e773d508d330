/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's turn (clock, receive, decode, stack, transmit, release) and the loop around it. */
#include "engine/worker.h"

#include <time.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

#include "engine/capture.h"
#include "engine/look.h"
#include "wire/parse.h"

/* No turn takes this long. A longer time means that the worker's thread did not run. */
#define AWAY_NS (10 * NS_PER_SECOND / 1000)

/* The clock starts at the time of day and then runs by itself. So initial sequence numbers from
 * the same secret go on over a restart of the program (RFC 9293 3.4.1). */
void
worker_clock_init(struct clock_line *c)
{
	struct clock_look now = look_now();

	clock_line_init(c, &now, rte_get_tsc_hz());
}

/* Compare our clock with the kernel's, once a second. The time never runs back. */
static uint64_t
compare_clocks(struct worker *w)
{
	struct clock_look now = look_now();

	clock_line_look(&w->clock, &now, clock_line_ns(&w->clock, w->tsc));
	stack_set_day(w->st, clock_line_ahead_us(&w->clock));
	return now.tsc;
}

/* Read the clock, once a turn. The time since the last turn began counts as busy if that turn
 * did something. */
static inline struct clock
begin_turn(struct worker *w)
{
	uint64_t tsc = rte_rdtsc(), passed;

	if (unlikely(clock_line_due(&w->clock, tsc, w->tsc)))
		tsc = compare_clocks(w);
	passed = tsc > w->tsc ? tsc - w->tsc : 0; /* the TSC may have run back */
	counter_add(&w->load.turns, 1);
	counter_add(&w->load.total_tsc, passed);
	if (w->was_busy && likely(clock_line_span(passed, w->clock.rate) < AWAY_NS)) {
		counter_add(&w->load.busy_turns, 1);
		counter_add(&w->load.busy_tsc, passed);
	}
	w->tsc = tsc;
	return clock_line_at(&w->clock, tsc);
}

static void
publish_news(struct worker *w, const struct seg *seg, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (unlikely(inbox_is_news(&seg[i], w->own[seg[i].port])) &&
		        !inbox_publish(w->tx.inboxes, w->index, &seg[i]))
			counter_drop(w->counters, DROP_HAND_OVER);
	}
}

static inline void
leave_buffers(struct worker *w, const struct seg *seg, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		w->left[w->nleft] = seg[i].buf;
		w->nleft += seg[i].buf != NULL;
	}
}

static inline void
count_received(struct worker *w, struct rte_mbuf **m, unsigned n)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += m[i]->pkt_len;
	counter_add(&w->counters->rx_packets, n);
	counter_add(&w->counters->rx_bytes, bytes);
}

/* Receive and handle a burst from one port. Returns its size. */
static inline unsigned
receive_burst(struct worker *w, unsigned port)
{
	struct rte_mbuf *m[WORKER_BURST];
	struct seg seg[WORKER_BURST];
	unsigned n;

	n = rte_eth_rx_burst(w->tx.ethdev[port], w->tx.queue, m, WORKER_BURST);
	if (n == 0)
		return 0;
	if (unlikely(w->tx.capture != NULL))
		capture_received(w->tx.capture, w->tx.ethdev[port], w->tx.queue, m, n,
		        clock_line_day_ns(&w->clock, rte_rdtsc()));
	decode_burst(&w->port[port], m, n, seg, w->counters);
	count_received(w, m, n);
	if (w->tx.inboxes != NULL)
		publish_news(w, seg, n);
	stack_input(w->st, seg, n);
	leave_buffers(w, seg, n);
	return n;
}

/* Handle packets that other workers handed over. Those workers have counted them. */
static unsigned
receive_shared(struct worker *w)
{
	struct rte_mbuf *m[WORKER_BURST];
	struct seg seg[WORKER_BURST];
	unsigned n;

	n = inbox_receive(w->tx.inboxes, w->index, m, WORKER_BURST, w->tx.pool, w->counters);
	if (likely(n == 0))
		return 0;
	for (unsigned i = 0; i < n; i++) {
		uint8_t round = (uint8_t)m[i]->hash.usr;

		decode_burst(&w->port[m[i]->port], &m[i], 1, &seg[i], w->counters);
		seg[i].round = round;
	}
	stack_input_shared(w->st, seg, n);
	leave_buffers(w, seg, n);
	return n;
}

/* Handle ARP packets that other workers received. */
static unsigned
read_news(struct worker *w)
{
	struct inbox_arp news[INBOX_NEWS_AT_ONCE];
	struct seg seg[INBOX_NEWS_AT_ONCE];
	uint64_t missed;
	unsigned n = inbox_read(w->tx.inboxes, w->index, &w->heard, news, &missed);

	counter_add(&w->counters->drop[DROP_HAND_OVER], missed);
	for (unsigned i = 0; i < n; i++) {
		seg[i] = (struct seg) {
		        .frame = news[i].frame,
		        .frame_len = sizeof(news[i].frame),
		        .port = news[i].port,
		};
		parse_frame(&seg[i]);
	}
	if (n != 0)
		stack_input_shared(w->st, seg, n);
	return n;
}

bool
worker_turn(struct worker *w)
{
	struct clock now = begin_turn(w);
	bool busy = transmit_turn(&w->tx, now.ms);
	bool more = false;

	stack_turn_begin(w->st, now);
	for (unsigned port = 0; port < w->nports; port++) {
		unsigned n;

		if (unlikely(w->left_alone >> port & 1))
			continue;
		n = receive_burst(w, port);
		busy |= n != 0;
		more |= n == WORKER_BURST;
	}
	if (w->tx.inboxes != NULL)
		busy |= (receive_shared(w) + read_news(w)) != 0;
	busy |= stack_turn_end(w->st, more);
	transmit_free(w->left, w->nleft);
	w->nleft = 0;
	w->was_busy = busy;
	return busy;
}

bool
worker_step(struct worker *w)
{
	bool busy = worker_turn(w);

	return (posts_run(&w->posts, stack_core(w->st), POSTS_AT_ONCE) != 0) | busy;
}

static inline void
run_call(struct worker *w)
{
	struct worker_call *call = __atomic_load_n(&w->call, __ATOMIC_ACQUIRE);

	if (likely(call == NULL))
		return;
	if (call->some == NULL)
		call->fn(w->st, call->arg);
	else if (call->some(w->st, call->arg))
		return;
	__atomic_store_n(&w->call, NULL, __ATOMIC_RELEASE);
}

int
worker_main(void *worker)
{
	struct worker *w = worker;

	__atomic_store_n(&w->load.tid, rte_gettid(), __ATOMIC_RELAXED);
	w->tsc = rte_rdtsc();
	w->was_busy = false;
	while (!__atomic_load_n(&w->halt, __ATOMIC_ACQUIRE)) {
		worker_step(w);
		run_call(w);
	}
	return 0;
}

enum engine_turn
worker_round(struct worker *w)
{
	enum worker_state state = __atomic_load_n(&w->state, __ATOMIC_ACQUIRE);
	bool busy;

	if (unlikely(state != WORKER_RUNS)) {
		if (state == WORKER_HALTING)
			__atomic_store_n(&w->state, WORKER_HALTED, __ATOMIC_RELEASE);
		return ENGINE_TURN_HALTED;
	}
	busy = worker_step(w);
	run_call(w);
	return busy ? ENGINE_TURN_BUSY : ENGINE_TURN_IDLE;
}

void
worker_post(struct worker *w, struct worker_call *call)
{
	__atomic_store_n(&w->call, call, __ATOMIC_RELEASE);
}

/* A turn is short, unless the worker shares its CPU with the caller. Then the caller must sleep
 * to let it run. */
void
worker_wait(struct worker *w)
{
	const struct timespec nap = {.tv_nsec = 50000};
	unsigned spins = 0;

	while (__atomic_load_n(&w->call, __ATOMIC_ACQUIRE) != NULL) {
		if (++spins < 1000)
			rte_pause();
		else
			nanosleep(&nap, NULL);
	}
}

void
worker_call(struct worker *w, struct worker_call *call)
{
	worker_post(w, call);
	worker_wait(w);
}
