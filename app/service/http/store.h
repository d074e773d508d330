/* SPDX-License-Identifier: BSD-3-Clause */
/* http_store: records for requests that arrive in parts or have to wait.
 *
 * Records have two sizes. Most requests fit into a small record; a record that is too small is
 * exchanged for a large one. When all records are in use, one is taken from another connection
 * at once, so that no peer waits for a slow one. It is the oldest record of the asking peer's
 * /24 if that /24 has its share; otherwise the oldest of the /24 that holds most records, if
 * that is its share or more; otherwise the oldest of all. To evict a request whose second half
 * is a round trip away, attackers need as many new requests in that time as there are records,
 * from many /24s.
 *
 * Threads    one store per instance of the service.
 * Memory     http_store_create() allocates all of it: one small record per 8 connections.
 * Errors     -errno at creation; NULL when all records are in use.
 * Order      by the last progress: the beginning, a completed request, or a part of a response
 *            that the next request waits for.
 * Crowds     a /24 belongs to one of HTTP_CROWDS crowds, chosen by a secret number.
 */
#ifndef APP_HTTP_STORE_H
#define APP_HTTP_STORE_H

#include <sys/queue.h>

#include "handfast/handfast.h"
#include "conn/pool.h"
#include "service/http/request.h"

#define HTTP_CROWDS     256u
#define HTTP_SMALL_SIZE 1024u /* the size of a small record, its header included */

/* The state of a connection, at first all zero. */
union http_word {
	void *ctx;
	struct {
		uint64_t tag : 1;  /* set in hf_ctx() for a word, clear for a pointer */
		uint64_t owes : 1; /* the body of the last response is not queued yet */
		uint64_t last : 1; /* no more requests are read */
		uint64_t gone : 1; /* hf_linger(), hf_close() or hf_abort() has been called */
		uint64_t peer_fin : 1;  /* the peer has closed its half */
		uint64_t narrow : 1;    /* hf_recv_room() holds the peer back */
		uint64_t rendering : 8; /* the number of the held rendering + 1; 0: none */
		uint64_t phase : 3;     /* enum http_phase */
		uint64_t count : 21;    /* bytes of content to skip */
		uint64_t unread : 26;   /* bytes that the peer has not acknowledged, / 16 */
	};
};

_Static_assert(sizeof(union http_word) == sizeof(void *), "a word must fit into hf_ctx()");

struct http_record {
	union http_word w;
	struct hf_conn *conn;
	TAILQ_ENTRY(http_record) all;
	TAILQ_ENTRY(http_record) near; /* the records of the same crowd */
	uint64_t since_us;             /* when the first request in buf began */
	uint32_t crowd;
	uint32_t room;
	uint32_t len;
	struct http_parser parser; /* the state of reading the first request in buf */
	uint8_t buf[];
};

TAILQ_HEAD(http_records, http_record);

struct http_shelf {
	struct pool pool;
	uint32_t share; /* the records that a crowd may keep when all are in use */
	struct http_records oldest_first;
	struct http_records crowd[HTTP_CROWDS];
	uint32_t held[HTTP_CROWDS];
};

enum http_size { HTTP_SMALL, HTTP_LARGE, HTTP_SIZES };

struct http_store {
	uint64_t multiplier;
	struct http_shelf shelf[HTTP_SIZES];
};

int http_store_create(struct http_store *s, uint32_t max_conns, int numa_node);
void http_store_destroy(struct http_store *s);

/* The smallest size that holds `bytes`. */
enum http_size http_store_size(uint32_t bytes);
/* Returns an empty record. NULL: all are in use, and http_store_victim() names one to take. */
struct http_record *http_store_take(
        struct http_store *s, enum http_size size, struct hf_conn *c, uint64_t now_us);
void http_store_give(struct http_store *s, struct http_record *r);
/* The connection of the record has made progress. */
void http_store_used(struct http_store *s, struct http_record *r);
struct http_record *http_store_victim(
        struct http_store *s, enum http_size size, const struct hf_conn *asking);

#endif
