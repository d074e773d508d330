/* SPDX-License-Identifier: BSD-3-Clause */
/* http_time: for what a connection of the http service waits, and how long it may.
 *
 *	first request    nothing of it yet            client_header_timeout
 *	header section   not complete                 client_header_timeout, of all of it
 *	content          of a request, to be skipped  client_body_timeout
 *	response         not read                     send_timeout
 *	keep-alive       the next request             keepalive_timeout
 *
 * The names and defaults are nginx's. With content and responses, progress puts the end
 * off, and by no more than 2 ms a byte: a peer that doses its bytes so as never to be
 * idle has an end, too. While the stack drains, a first or next request is waited for as
 * rest.h says; what is under way has the time that it has.
 *
 * Threads    none of its own.
 */
#ifndef APP_HTTP_TIME_H
#define APP_HTTP_TIME_H

#include "service/http/session.h"

/* In opened(). */
void http_time_begin(struct hf_core *h, const struct http *s, struct hf_conn *c);
/* In draining(): one that waits for a request does so for a moment only. */
void http_time_drain(const struct http_session *x);
/* In room(), before anything is queued. */
void http_time_read(struct http_session *x);
/* At the end of each event; blocked: no further request is read for now. */
void http_time_watch(struct http_session *x, bool blocked);

#endif
