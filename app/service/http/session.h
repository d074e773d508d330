/* SPDX-License-Identifier: BSD-3-Clause */
/* http_session: one connection of the http service during one event.
 *
 * Between events the state is 64 bits, stored in hf_ctx() itself. A connection needs a record
 * from the core's pool only if a request came in parts, or if the peer sends requests faster
 * than it reads the responses. Then hf_ctx() points to the record.
 *
 * Threads    one instance of the service per core.
 * Ownership  the session borrows all pointers for the event.
 * Errors     false: the core has no descriptor or buffer, and no byte was queued.
 */
#ifndef APP_HTTP_SESSION_H
#define APP_HTTP_SESSION_H

#include "handfast/handfast.h"
#include "service/http/page.h"
#include "service/http/request.h"
#include "service/http/store.h"
#include "service/services.h"

/* The event that the connection waits for, see time.h. */
enum http_phase { HTTP_FRESH, HTTP_IDLE, HTTP_HEADER, HTTP_CONTENT, HTTP_SENDING };

/* The request that was read last. Most clients repeat their request, and one comparison is
 * cheaper than parsing, which costs more than the whole stack. */
#define HTTP_KNOWN_MAX 512u

struct http_known {
	uint32_t len; /* the length of the section; 0: no request is known */
	struct http_request req;
	uint8_t section[HTTP_KNOWN_MAX];
};

struct http {
	struct http_page page;
	struct http_store store;
	struct http_known known;
	uint32_t timeout_ms[HTTP_TIMEOUTS];
	bool close;
};

struct http_session {
	struct hf_core *h;
	struct http *s;
	struct hf_conn *c;
	struct http_record *rec; /* or NULL */
	union http_word w;
	bool starved;          /* a response could not be queued in this event */
	bool answered;         /* a request was answered in this event */
	uint32_t count_before; /* w.count when the event began */
};

/* Queues the response with the page, or only its header section for HEAD. */
bool http_send_page(struct http_session *x, const struct http_request *r, bool keep);
/* Queues the response with an error. `r` may be incomplete. */
bool http_send_error(
        struct http_session *x, const struct http_request *r, uint16_t status, bool keep);
/* Queues the body of the last response if there is room now. */
void http_send_owed(struct http_session *x);
/* Gives up the rendering that responses were sent from. */
void http_drop_rendering(struct http_session *x);

#endif
