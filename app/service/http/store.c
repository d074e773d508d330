/* SPDX-License-Identifier: BSD-3-Clause */
/* The records of slow requests, and the choice of the record to evict. */
#include "service/http/store.h"

#include <stddef.h>
#include <string.h>

#include "base/be.h"
#include "base/prf.h"

#define SMALL_FOR   8    /* connections for each small record */
#define SMALL_LEAST 256  /* records, 256 KB */
#define SMALL_MOST  8192 /* records, 8 MB */
#define LARGE_MOST  256  /* records, 2 MB */
#define SHARE       16 /* a crowd may hold 1/16 of the records, and more while some are free */

static const uint32_t room[HTTP_SIZES] = {
        [HTTP_SMALL] = HTTP_SMALL_SIZE - offsetof(struct http_record, buf),
        [HTTP_LARGE] = HTTP_SECTION_MAX,
};

enum http_size
http_store_size(uint32_t bytes)
{
	return bytes <= room[HTTP_SMALL] ? HTTP_SMALL : HTTP_LARGE;
}

static int
shelf_create(struct http_shelf *f, enum http_size size, uint32_t n, int numa_node)
{
	uint32_t bytes = (uint32_t)offsetof(struct http_record, buf) + room[size];

	f->share = n / SHARE;
	TAILQ_INIT(&f->oldest_first);
	for (unsigned i = 0; i < HTTP_CROWDS; i++)
		TAILQ_INIT(&f->crowd[i]);
	return pool_create(&f->pool, n, (bytes + 63) & ~63u, numa_node);
}

int
http_store_create(struct http_store *s, uint32_t max_conns, int numa_node)
{
	uint32_t small = max_conns / SMALL_FOR;
	uint8_t secret[sizeof(s->multiplier)];
	int err;

	small = small < SMALL_LEAST ? SMALL_LEAST : small > SMALL_MOST ? SMALL_MOST : small;
	memset(s, 0, sizeof(*s));
	if ((err = secret_fill(secret, sizeof(secret))) != 0)
		return err;
	memcpy(&s->multiplier, secret, sizeof(secret));
	s->multiplier |= 1;
	err = shelf_create(&s->shelf[HTTP_SMALL], HTTP_SMALL, small, numa_node);
	if (err == 0)
		err = shelf_create(&s->shelf[HTTP_LARGE], HTTP_LARGE,
		        small < LARGE_MOST ? small : LARGE_MOST, numa_node);
	if (err != 0)
		http_store_destroy(s);
	return err;
}

void
http_store_destroy(struct http_store *s)
{
	for (unsigned i = 0; i < HTTP_SIZES; i++)
		pool_destroy(&s->shelf[i].pool);
}

/* A multiply-shift hash. The multiplier is secret, so that no peer can choose its crowd. */
static uint32_t
conn_crowd(const struct http_store *s, const struct hf_conn *c)
{
	uint64_t prefix = be32_to_cpu(hf_peer(c).addr) >> 8;

	return (uint32_t)((prefix + 1) * s->multiplier >> 56);
}

_Static_assert(HTTP_CROWDS == 256, "the upper 8 bits choose a crowd");

static struct http_shelf *
record_shelf(struct http_store *s, const struct http_record *r)
{
	return &s->shelf[r->room == room[HTTP_LARGE] ? HTTP_LARGE : HTTP_SMALL];
}

struct http_record *
http_store_take(struct http_store *s, enum http_size size, struct hf_conn *c, uint64_t now_us)
{
	struct http_shelf *f = &s->shelf[size];
	uint32_t i = pool_take(&f->pool);
	struct http_record *r;

	if (i == POOL_NONE)
		return NULL;
	r = pool_at(&f->pool, i);
	*r = (struct http_record) {
	        .conn = c, .since_us = now_us, .crowd = conn_crowd(s, c), .room = room[size]};
	TAILQ_INSERT_TAIL(&f->oldest_first, r, all);
	TAILQ_INSERT_TAIL(&f->crowd[r->crowd], r, near);
	f->held[r->crowd]++;
	return r;
}

void
http_store_give(struct http_store *s, struct http_record *r)
{
	struct http_shelf *f = record_shelf(s, r);

	TAILQ_REMOVE(&f->oldest_first, r, all);
	TAILQ_REMOVE(&f->crowd[r->crowd], r, near);
	f->held[r->crowd]--;
	pool_give(&f->pool, pool_index(&f->pool, r));
}

void
http_store_used(struct http_store *s, struct http_record *r)
{
	struct http_shelf *f = record_shelf(s, r);

	TAILQ_REMOVE(&f->oldest_first, r, all);
	TAILQ_INSERT_TAIL(&f->oldest_first, r, all);
	TAILQ_REMOVE(&f->crowd[r->crowd], r, near);
	TAILQ_INSERT_TAIL(&f->crowd[r->crowd], r, near);
}

static uint32_t
fullest_crowd(const struct http_shelf *f)
{
	uint32_t most = 0;

	for (uint32_t i = 1; i < HTTP_CROWDS; i++)
		most = f->held[i] > f->held[most] ? i : most;
	return most;
}

struct http_record *
http_store_victim(struct http_store *s, enum http_size size, const struct hf_conn *asking)
{
	struct http_shelf *f = &s->shelf[size];
	uint32_t crowd = conn_crowd(s, asking);

	if (f->held[crowd] < f->share)
		crowd = fullest_crowd(f);
	if (f->held[crowd] < f->share || f->held[crowd] == 0)
		return TAILQ_FIRST(&f->oldest_first);
	return TAILQ_FIRST(&f->crowd[crowd]);
}
