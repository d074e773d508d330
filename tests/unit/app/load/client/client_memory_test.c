/* SPDX-License-Identifier: BSD-3-Clause */
/* All memory is taken in create(). The linker puts these before libc's. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "client_rig.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_arena_alloc(size_t bytes, int node);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_arena_alloc(size_t bytes, int node);

/* The test's own: the fake allocates as well, outside of the client's events. */
static unsigned taken, within;
static size_t arena_bytes;

static void
note(void)
{
	taken += within > 0;
}

void *
__wrap_malloc(size_t n)
{
	note();
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	if (size != sizeof(struct hf_conn)) /* hf_connect() is the fake's */
		note();
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	note();
	return __real_realloc(p, n);
}

void *
__wrap_arena_alloc(size_t bytes, int node)
{
	note();
	arena_bytes += bytes;
	return __real_arena_alloc(bytes, node);
}

/* The memory that the end of one connection needs, without the fake's own. */
static void
serve(struct rig *r, struct hf_conn *c)
{
	static const char answer[] = RIG_ANSWER;
	const uint8_t *bytes = (const uint8_t *)answer;
	const struct hf_service *s = c->service;

	c->out_room = 4096; /* there is no realloc() for sent bytes */
	c->out = __real_malloc(c->out_room);
	within++;
	s->opened(&r->core, c->self, c);
	s->data(&r->core, c->self, c, bytes, 20);
	s->data(&r->core, c->self, c, bytes + 20, sizeof(answer) - 21);
	load_client.turn(&r->core, r->client);
	s->data(&r->core, c->self, c, bytes, sizeof(answer) - 1);
	within--;
}

Test(client_memory, nothing_is_allocated_after_create)
{
	struct rig *r = rig_new();

	r->spec.concurrency = 50;
	r->spec.requests = 2;
	rig_start(r);
	for (unsigned round = 0; round < 20; round++) {
		within++;
		rig_turn(r, 100);
		within--;
		cr_assert_eq(r->n, 50u);
		for (unsigned i = 0; i < r->n; i++)
			serve(r, r->conn[i]);
		while (r->n > 0)
			rig_gone(r, 0, HF_CLOSED);
		r->core.now_us += 1000;
	}
	cr_expect_eq(rig_tally(r)->completed, 1000u);
	cr_expect_eq(taken, 0u);
	rig_end(r);
}

/* The promise of the header. */
Test(client_memory, connection_costs_32_bytes_and_its_progress)
{
	static const struct {
		enum load_kind kind;
		size_t bytes;
	} cost[] = {{LOAD_TCP, 32}, {LOAD_ECHO, 40}, {LOAD_HTTP, 56}};

	for (unsigned i = 0; i < 3; i++) {
		size_t few, many;
		struct rig *r = rig_new();

		r->spec.url.kind = cost[i].kind;
		r->spec.payload = 1;
		r->spec.concurrency = 100000;
		r->conf.max_conns = 1000;
		arena_bytes = 0;
		rig_start(r);
		few = arena_bytes;
		load_client.destroy(r->client);
		r->conf.max_conns = 3000;
		arena_bytes = 0;
		rig_start(r);
		many = arena_bytes;
		cr_expect_eq(many - few, 2000 * cost[i].bytes);
		rig_end(r);
	}
}
