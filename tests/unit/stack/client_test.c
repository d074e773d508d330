/* SPDX-License-Identifier: BSD-3-Clause */
/* Services that open connections: their instances, their turns, their end; and two
 * stacks that open to each other. */
#include <criterion/criterion.h>
#include <errno.h>

#include "stack/private.h"
#include "stack/rig.h"
#include "tcp/flows.h"

#define START_US 1000000
#define SYN_ACK  (TCP_SYN | TCP_ACK)

/* The common state of the instances. */
static struct {
	unsigned created, destroyed, turns, closed;
	int fails;
	void *self;
} seen;

static void *
make(const void *conf, int node)
{
	(void)node;
	seen.created++;
	if (seen.fails != 0) {
		errno = seen.fails;
		return NULL;
	}
	return (void *)(uintptr_t)conf;
}

static void
end(void *self)
{
	seen.destroyed++;
	seen.self = self;
}

static void
turn(struct hf_core *h, void *self)
{
	(void)h;
	seen.turns++;
	seen.self = self;
}

static void
closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	(void)h;
	(void)self;
	(void)c;
	(void)why;
	seen.closed++;
}

static const struct hf_service opener = {
        .name = "opener", .create = make, .destroy = end, .turn = turn, .closed = closed};

static struct rig *
fresh(void)
{
	memset(&seen, 0, sizeof(seen));
	return rig_new(NULL, START_US);
}

Test(stack_client, turn_comes_each_turn)
{
	struct rig *r = fresh();
	int conf;
	void *self;

	cr_assert_eq(stack_client(r->st, &opener, &conf, &self), 0);
	cr_expect_eq(self, &conf);
	for (unsigned i = 1; i < 10; i++) {
		rig_turn(r);
		cr_expect_eq(seen.turns, i);
		cr_expect_eq(seen.self, &conf);
	}
	cr_expect_eq(rig_free(r), 0);
	cr_expect(seen.created == 1 && seen.destroyed == 1);
}

Test(stack_client, instance_that_cannot_be)
{
	struct rig *r = fresh();

	seen.fails = ENOMEM;
	cr_expect_eq(stack_client(r->st, &opener, NULL, NULL), -ENOMEM);
	rig_turn(r);
	cr_expect(seen.turns == 0 && seen.destroyed == 0);
	cr_expect_eq(rig_free(r), 0);
}

/* Its connections are reset, it hears nothing, and is destroyed. */
Test(stack_client, end)
{
	struct rig *r = fresh();
	struct hf_open how = {.peer = {rig_ip(10, 0, 0, 1), cpu_to_be16(80)},
	        .local = {0, cpu_to_be16(2000)}};
	struct hf_core *h = (struct hf_core *)&r->st->tcp;
	const struct rig_out *o;
	int conf;

	/* the peer's MAC */
	cr_assert_eq(stack_client(r->st, &opener, &conf, NULL), 0);
	rig_tcp(r, .sport = 80, .dport = 1, .flags = TCP_ACK, .ack = 9);
	cr_assert_eq(hf_connect(h, &opener, &conf, &how, NULL), 0);
	how.local.port = cpu_to_be16(2001);
	cr_assert_eq(hf_connect(h, &opener, &conf, &how, NULL), 0);
	rig_turn(r);
	rig_forget(r);
	rig_tcp(r, .sport = 80, .dport = 2000, .flags = SYN_ACK, .seq = 5,
	        .ack = flows_find_conn(
	                &r->st->tcp, &(struct flow_key) {rig_ip(10, 0, 0, 1), rig_ports[0].ip,
	                                     cpu_to_be16(80), cpu_to_be16(2000)})
	                       ->snd_nxt,
	        .wnd = 100);
	rig_turn(r);
	rig_forget(r);
	seen.turns = 0;
	stack_client_end(r->st, &conf, r->now);
	o = rig_next(r);
	cr_expect(o == NULL || o->seg.kind == SEG_ARP || (o->seg.flags & TCP_RST));
	cr_expect_eq(stack_counters(r->st)->rst_sent, 2, "the stray ACK's, and one");
	cr_expect_eq(stack_usage(r->st).conns, 0);
	cr_expect(seen.destroyed == 1 && seen.closed == 0 && seen.self == &conf);
	rig_turn(r);
	cr_expect_eq(seen.turns, 0);
	rig_wait(r, 4000);
	cr_expect(rig_is_idle(r));
	cr_expect_eq(rig_free(r), 0);
	cr_expect_eq(seen.destroyed, 1);
}

/* The place of an instance can be used any number of times. */
Test(stack_client, place_is_used_again)
{
	struct rig *r = fresh();
	int conf;

	for (unsigned i = 0; i < 3 * LIMIT_USERS; i++) {
		cr_assert_eq(stack_client(r->st, &opener, &conf, NULL), 0);
		stack_client_end(r->st, &conf, r->now);
	}
	cr_expect(seen.created == seen.destroyed);
	cr_expect_eq(rig_free(r), 0);
}

/* show listeners: clients are none */
Test(stack_client, listeners_are_shown_without_clients)
{
	struct rig *r = fresh();
	struct rig_log log = {0};
	struct stack_listener_info l;
	int a, b;

	stack_client(r->st, &opener, &a, NULL);
	rig_listen(r, 80, &rig_quiet, &log);
	stack_client(r->st, &opener, &b, NULL);
	rig_listen(r, 81, &rig_answer, &log);
	cr_assert(stack_listener_at(r->st, 0, &l));
	cr_expect(l.port == cpu_to_be16(80) && strcmp(l.service, "quiet") == 0);
	cr_assert(stack_listener_at(r->st, 1, &l));
	cr_expect(l.port == cpu_to_be16(81) && strcmp(l.service, "answer") == 0);
	cr_expect_not(stack_listener_at(r->st, 2, &l));
	stack_client_end(r->st, &a, r->now);
	cr_assert(stack_listener_at(r->st, 1, &l));
	cr_expect_eq(l.port, cpu_to_be16(81));
	cr_expect_not(stack_listener_at(r->st, 2, &l));
	cr_expect_eq(rig_free(r), 0);
}

/* SYN-SENT is shown with its service. */
Test(stack_client, open_is_shown)
{
	struct rig *r = fresh();
	struct hf_open how = {.peer = {rig_ip(10, 0, 0, 1), cpu_to_be16(80)}};
	struct stack_conn_info info;
	uint32_t total;

	hf_connect((struct hf_core *)&r->st->tcp, &opener, NULL, &how, NULL);
	cr_assert_eq(stack_conns(r->st, "SYN-SENT", &info, 1, &total), 1);
	cr_expect_str_eq(info.state, "SYN-SENT");
	cr_expect_str_eq(info.service, "opener");
	cr_expect_eq(info.peer.port, cpu_to_be16(80));
	rig_turn(r);
	cr_expect_eq(rig_free(r), 0);
}

/* All instances are told at the end of the stack: stack_abort_all(). */
Test(stack_client, end_of_the_stack)
{
	struct rig *r = fresh();
	struct hf_open how = {.peer = {rig_ip(10, 0, 0, 1), cpu_to_be16(80)}};

	hf_connect((struct hf_core *)&r->st->tcp, &opener, NULL, &how, NULL);
	stack_set_draining(r->st, 1000, r->now);
	cr_expect_eq(hf_connect((struct hf_core *)&r->st->tcp, &opener, NULL, &how, NULL),
	        -ESHUTDOWN);
	stack_abort_all(r->st, r->now);
	cr_expect_eq(seen.closed, 1);
	cr_expect_eq(stack_counters(r->st)->rst_sent, 0, "no peer is there yet");
	cr_expect_eq(rig_free(r), 0);
}
