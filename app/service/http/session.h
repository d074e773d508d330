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

#include "handfast/handfast.h"
#include "service/http/page.h"
#include "service/http/request.h"
#include "service/http/store.h"
#include "service/services.h"

/* For what it waits: see time.h. */
enum http_phase { HTTP_FRESH, HTTP_IDLE, HTTP_HEADER, HTTP_CONTENT, HTTP_SENDING };

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
	bool answered;         /* a request was, in this event */
	uint32_t count_before; /* w.count when the event began */
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
