/* SPDX-License-Identifier: BSD-3-Clause */
/* The limit that a report names. */
#include <criterion/criterion.h>
#include <string.h>

#include "load/report/result.h"

#define NONE LOAD_ERROR_COUNT

/* A load of 10 s with 100,000 attempts, and its figures. */
struct judged {
	const char *what;
	double rate;        /* 0: closed loop */
	uint64_t completed; /* in the window */
	double busy[2];
	uint64_t no_mbuf, tx_full, tx_waited, unresolved, put_off;
	enum load_error error;
	uint64_t errors;
	enum load_side side;
	const char *says; /* a part of the text */
};

static const struct judged table[] = {
        {"rate reached", 10000, 100000, {.2, .3}, .error = NONE, .side = LOAD_SIDE_NONE,
                .says = "10,000 a second was reached"},
        {"99 % is reached", 10000, 99000, {.2, .3}, .error = NONE, .side = LOAD_SIDE_NONE,
                .says = "(9,900)"},
        {"98 % is not", 10000, 98000, {.2, .3}, .error = NONE, .side = LOAD_SIDE_PEER,
                .says = "9,800 of the 10,000"},
        {"reached with busy cores", 10000, 100000, {1, 1}, .error = NONE,
                .side = LOAD_SIDE_NONE, .says = "reached"},
        {"both cores busy", 0, 100000, {.96, .99}, .error = NONE, .side = LOAD_SIDE_CORES,
                .says = "lcore 5 99 %"},
        {"one core busy", 0, 100000, {.97, .3}, .error = NONE, .side = LOAD_SIDE_CORES,
                .says = "1 of our 2 cores was busy, lcore 4 97 %"},
        {"94 % is not busy", 0, 100000, {.94, .3}, .error = NONE, .side = LOAD_SIDE_PEER,
                .says = "94 %"},
        {"some mbufs", 0, 100000, {.5, .5}, .no_mbuf = 200, .error = NONE,
                .side = LOAD_SIDE_MBUFS, .says = "200 times"},
        {"mbufs: what to do", 0, 100000, {.5, .5}, .no_mbuf = 200, .error = NONE,
                .side = LOAD_SIDE_MBUFS, .says = "--pool-size"},
        {"a few mbufs are noise", 0, 100000, {.5, .5}, .no_mbuf = 20, .error = NONE,
                .side = LOAD_SIDE_PEER, .says = "50 %"},
        {"busy cores hide some mbufs", 0, 100000, {1, 1}, .no_mbuf = 200, .error = NONE,
                .side = LOAD_SIDE_CORES, .says = "-l"},
        {"many mbufs hide busy cores", 0, 100000, {1, 1}, .no_mbuf = 6000, .error = NONE,
                .side = LOAD_SIDE_MBUFS, .says = "6,000"},
        {"sources", 20000, 50000, {.5, .5}, .error = LOAD_ERROR_no_source, .errors = 50000,
                .side = LOAD_SIDE_SOURCES, .says = "the 4,000 addresses x ports"},
        {"sources: what to do", 20000, 50000, {1, 1}, .error = LOAD_ERROR_no_source,
                .errors = 50000, .side = LOAD_SIDE_SOURCES, .says = "`set source"},
        {"sources hide the mbufs", 20000, 50000, {1, 1}, .no_mbuf = 90000,
                .error = LOAD_ERROR_no_source, .errors = 50000, .side = LOAD_SIDE_SOURCES,
                .says = "50,000 of 100,000"},
        {"max_conns", 20000, 50000, {.5, .5}, .put_off = 100000, .error = NONE,
                .side = LOAD_SIDE_CONNS, .says = "--max-conns"},
        {"max_conns: what they carry", 20000, 50000, {1, 1}, .put_off = 100000, .error = NONE,
                .side = LOAD_SIDE_CONNS,
                .says = "1,000 connections can be open, which at "
                        "2.00 ms each carry 500,000 a second"},
        {"transmit queue", 0, 100000, {.5, .5}, .tx_full = 10000, .error = NONE,
                .side = LOAD_SIDE_PORT, .says = "10,000 packets were not sent"},
        {"a port that lets all wait", 0, 100000, {1, 1}, .tx_waited = 300000, .error = NONE,
                .side = LOAD_SIDE_PORT, .says = "300,000 of 600,000 packets had to wait"},
        {"a port that is full now and then", 0, 100000, {1, 1}, .tx_waited = 290000,
                .error = NONE, .side = LOAD_SIDE_CORES, .says = "-l"},
        {"what waits does no harm", 10000, 100000, {.5, .5}, .tx_waited = 600000, .error = NONE,
                .side = LOAD_SIDE_NONE, .says = "reached"},
        {"no host answers ARP", 0, 0, {.1, .1}, .unresolved = 300, .error = LOAD_ERROR_timeout,
                .errors = 100000, .side = LOAD_SIDE_PEER, .says = "ARP"},
        {"refused", 0, 0, {.1, .1}, .error = LOAD_ERROR_refused, .errors = 100000,
                .side = LOAD_SIDE_PEER,
                .says = "refused by the peer (100,000). Nothing listens"},
        {"timeouts", 20000, 90000, {.1, .1}, .error = LOAD_ERROR_timeout, .errors = 10000,
                .side = LOAD_SIDE_PEER, .says = "10,000 of 100,000 connections failed"},
        {"cut off at the end is no failure", 0, 90000, {.1, .1}, .error = LOAD_ERROR_stopped,
                .errors = 10000, .side = LOAD_SIDE_PEER, .says = "raise `concurrency`"},
        {"idle, no errors", 0, 100000, {.1, .2}, .error = NONE, .side = LOAD_SIDE_PEER,
                .says = "20 % busy, and a connection took 2.00 ms"},
};

static void
prepare(struct load_result *r, const struct judged *j)
{
	memset(r, 0, sizeof(*r));
	r->spec.rate = j->rate;
	r->spec.concurrency = j->rate > 0 ? 0 : 256;
	r->window_s = 10;
	r->ncores = 2;
	r->sources = 4000;
	r->max_conns = 1000;
	for (unsigned c = 0; c < 2; c++)
		r->core[c] = (struct load_core) {.lcore = 4 + c, .busy = j->busy[c]};
	r->total.attempted = 100000;
	r->total.connected = r->total.completed = r->total.window_completed = j->completed;
	r->total.put_off = j->put_off;
	r->no_mbuf = j->no_mbuf;
	r->tx_full = j->tx_full;
	r->tx_packets = 600000;
	r->tx_waited = j->tx_waited;
	r->unresolved = j->unresolved;
	if (j->error != NONE)
		r->total.error[j->error] = j->errors;
	histogram_add(&r->total.whole, 2000);
}

Test(load_limit, each_case_names_its_side_and_the_numbers)
{
	static struct load_result r;

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		prepare(&r, &table[i]);
		load_judge(&r);
		cr_expect_eq(r.limit, table[i].side, "%s: %s: %s", table[i].what,
		        load_side_name(r.limit), r.limit_text);
		cr_expect(strstr(r.limit_text, table[i].says) != NULL, "%s: '%s' is not in: %s",
		        table[i].what, table[i].says, r.limit_text);
		cr_expect_lt(strlen(r.limit_text), sizeof(r.limit_text) - 1, "%s: cut off",
		        table[i].what);
	}
}

/* The machine may be shared, too: but no figure is there that it could have spoilt. */
Test(load_limit, unanswered_arp_comes_before_a_shared_core)
{
	static const struct judged j = {.what = "both", .unresolved = 300, .error = NONE};
	static struct load_result r;

	prepare(&r, &j);
	r.core[0].away = .3;
	load_judge(&r);
	cr_expect_eq(r.limit, LOAD_SIDE_PEER);
	r.unresolved = 0;
	load_judge(&r);
	cr_expect_eq(r.limit, LOAD_SIDE_CORES);
}

/* Other signs are consequences of it. */
Test(load_limit, a_port_without_its_device_comes_before_all)
{
	static const struct judged j = {
	        .what = "gone", .tx_full = 90000, .unresolved = 300, .error = NONE};
	static struct load_result r;

	prepare(&r, &j);
	r.core[0].away = .3;
	r.port_gone = true;
	load_judge(&r);
	cr_expect_eq(r.limit, LOAD_SIDE_PORT);
	cr_expect(
	        strstr(r.limit_text, "network device was removed") != NULL, "%s", r.limit_text);
}

/* Our core was away for half of the time, and the peer refused all the same. */
Test(load_limit, a_peer_that_refuses_is_not_excused_by_a_shared_core)
{
	static struct judged j = {.what = "both", .errors = 60000};
	static struct load_result r;

	for (enum load_error e = 0; e < LOAD_ERROR_COUNT; e++) {
		bool answers = e == LOAD_ERROR_refused || e == LOAD_ERROR_unreachable ||
		               e == LOAD_ERROR_redirect || e == LOAD_ERROR_bad_status ||
		               e == LOAD_ERROR_bad_answer;

		j.error = e;
		prepare(&r, &j);
		r.core[0].away = .5;
		load_judge(&r);
		cr_expect_eq(r.limit, answers ? LOAD_SIDE_PEER : LOAD_SIDE_CORES, "%s: %s",
		        load_error_names[e], r.limit_text);
		r.total.error[e] = 40000;
		load_judge(&r);
		cr_expect_eq(r.limit, LOAD_SIDE_CORES, "%s", load_error_names[e]);
	}
}

Test(load_limit, stopped_while_it_waited_it_did_not_end_in_its_warm_up)
{
	static struct load_result r;

	memset(&r, 0, sizeof(r));
	r.spec.warmup_s = 1;
	load_judge(&r);
	cr_expect_eq(r.limit, LOAD_SIDE_NONE);
	cr_expect(strstr(r.limit_text, "stopped before it began") != NULL);
	cr_expect(strstr(r.limit_text, "warm-up") == NULL, "%s", r.limit_text);
}

Test(load_limit, without_a_window_nothing_is_claimed)
{
	static struct load_result r;

	prepare(&r, &table[0]);
	r.window_s = 0;
	load_judge(&r);
	cr_expect_eq(r.limit, LOAD_SIDE_NONE);
	cr_expect(strstr(r.limit_text, "nothing was measured") != NULL, "%s", r.limit_text);
}

Test(load_limit, without_cores_or_attempts_it_still_says_something)
{
	static struct load_result r;

	r.window_s = 1;
	load_judge(&r);
	cr_expect_eq(r.limit, LOAD_SIDE_PEER);
	cr_expect(r.limit_text[0] != '\0');
}
