/* SPDX-License-Identifier: BSD-3-Clause */
/* http_session: one connection of the http service, during one event.
 *
 * What outlasts an event is 64 bits that stand in hf_ctx() itself. Only a peer
 * whose request came in pieces, or who sends requests faster than it reads the
 * responses, costs a record with a buffer from the core's pool; then hf_ctx()
 * points there.
 *
 * Threads    one instance per core.
 */
#ifndef APP_HTTP_SESSION_H
#define APP_HTTP_SESSION_H

#include <sys/queue.h>

#include "api/handfast.h"
#include "conn/pool.h"
#include "http_page.h"
#include "http_request.h"

/* All zero at first. */
union http_word {
	void *ctx;
	struct {
		uint32_t tag : 1;  /* set in hf_ctx(): this is no pointer */
		uint32_t owes : 1; /* the body of the last response is not queued yet */
		uint32_t last : 1; /* no request is read any more */
		uint32_t gone : 1; /* hf_linger(), hf_close() or hf_abort() has been called */
		uint32_t peer_fin : 1;  /* the peer has closed its half */
		uint32_t narrow : 1;    /* hf_recv_room() holds the peer back */
		uint32_t rendering : 8; /* the one held, + 1; 0: none */
		uint32_t count;         /* content to skip */
	};
};

/* A request's pieces, or requests that wait. */
struct http_record {
	union http_word w;
	struct hf_conn *conn;
	TAILQ_ENTRY(http_record) link;
	uint64_t since_us; /* of the last request that was completed here */
	uint32_t len;
	struct http_parser parser; /* how far the first request in buf is read */
	uint8_t buf[HTTP_SECTION_MAX];
} __attribute__((aligned(64)));

TAILQ_HEAD(http_records, http_record);

/* The request that was read last: most clients say the same again, and one
 * comparison takes what reading it would cost more than all of the stack. */
#define HTTP_KNOWN_MAX 512u

struct http_known {
	uint32_t len; /* 0: none yet */
	struct http_request req;
	uint8_t section[HTTP_KNOWN_MAX];
};

struct http {
	struct http_page page;
	struct pool pool;
	struct http_records oldest_first;
	struct http_known known;
	bool close;
};

struct http_session {
	struct hf_core *h;
	struct http *s;
	struct hf_conn *c;
	struct http_record *rec; /* or NULL */
	union http_word w;
	bool starved; /* a response could not be queued in this event */
};

/* Queue the page's response, or its header section alone. False: the core has
 * no descriptor or buffer to spare, and nothing was queued. */
bool http_send_page(struct http_session *x, const struct http_request *r, bool keep);
/* The same of an error's. r as far as it was understood. */
bool http_send_error(
        struct http_session *x, const struct http_request *r, uint16_t status, bool keep);
/* Queue the body that is owed, if there is room now. */
void http_send_owed(struct http_session *x);
/* Let go of the rendering that responses were sent from. */
void http_drop_rendering(struct http_session *x);

#endif
