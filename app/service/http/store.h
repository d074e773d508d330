/* SPDX-License-Identifier: BSD-3-Clause */
/* http_store: where the bytes of requests lie that came in pieces, or that have to wait.
 *
 * Two sizes: most requests fit into a small record, and a record that proves too small
 * is exchanged for a large one. When there is none left, one is taken at once, so that no
 * peer waits for slow ones: the oldest of the asking peer's own /24 if that has its share, else
 * the oldest of the /24 that holds most, if that is more than its share, else the oldest of
 * all. To throw out a request whose second half is a round trip away takes as many new ones
 * within that time as there are records, from many a /24.
 *
 * Threads    one for each instance of the service.
 * Memory     all of it at creation: one small record for 8 connections.
 * Order      of what they last achieved: beginning, completing a request, or taking
 *            some of a response that the next one waits for.
 * Crowds     by /24, at a secret place among HTTP_CROWDS.
 */
#ifndef APP_HTTP_STORE_H
#define APP_HTTP_STORE_H

#include <sys/queue.h>

#include "handfast/handfast.h"
#include "conn/pool.h"
#include "service/http/request.h"

#define HTTP_CROWDS     256u
#define HTTP_SMALL_SIZE 1024u /* a record's, with what stands before its bytes */

/* All zero at first. */
union http_word {
	void *ctx;
	struct {
		uint64_t tag : 1;  /* set in hf_ctx(): this is no pointer */
		uint64_t owes : 1; /* the body of the last response is not queued yet */
		uint64_t last : 1; /* no request is read any more */
		uint64_t gone : 1; /* hf_linger(), hf_close() or hf_abort() has been called */
		uint64_t peer_fin : 1;  /* the peer has closed its half */
		uint64_t narrow : 1;    /* hf_recv_room() holds the peer back */
		uint64_t rendering : 8; /* the one held, + 1; 0: none */
		uint64_t phase : 3;     /* enum http_phase */
		uint64_t count : 21;    /* content to skip */
		uint64_t unread : 26;   /* what the peer had not acknowledged, / 16 */
	};
};

_Static_assert(sizeof(union http_word) == sizeof(void *), "it stands in hf_ctx()");

struct http_record {
	union http_word w;
	struct hf_conn *conn;
	TAILQ_ENTRY(http_record) all;
	TAILQ_ENTRY(http_record) near; /* those of its crowd */
	uint64_t since_us;             /* the request at its front has been coming */
	uint32_t crowd;
	uint32_t room;
	uint32_t len;
	struct http_parser parser; /* how far the first request in buf is read */
	uint8_t buf[];
};

TAILQ_HEAD(http_records, http_record);

struct http_shelf {
	struct pool pool;
	uint32_t share; /* of a crowd, once all are taken */
	struct http_records oldest_first;
	struct http_records crowd[HTTP_CROWDS];
	uint32_t held[HTTP_CROWDS];
};

enum http_size { HTTP_SMALL, HTTP_LARGE, HTTP_SIZES };

struct http_store {
	uint64_t multiplier;
	struct http_shelf shelf[HTTP_SIZES];
};

/* 0 or -errno. */
int http_store_create(struct http_store *s, uint32_t max_conns, int numa_node);
void http_store_destroy(struct http_store *s);

/* The smallest size that holds `bytes`. */
enum http_size http_store_size(uint32_t bytes);
/* An empty record; NULL: all are taken, and http_store_victim()'s would have to go. */
struct http_record *http_store_take(
        struct http_store *s, enum http_size size, struct hf_conn *c, uint64_t now_us);
void http_store_give(struct http_store *s, struct http_record *r);
/* It has achieved something. */
void http_store_used(struct http_store *s, struct http_record *r);
struct http_record *http_store_victim(
        struct http_store *s, enum http_size size, const struct hf_conn *for_whom);

#endif
