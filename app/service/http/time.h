/* SPDX-License-Identifier: BSD-3-Clause */
/* http_time: the phases of a connection of the http service, and the timeout of each.
 *
 *	first request    no byte has come             client_header_timeout
 *	header section   is not complete              client_header_timeout for all of it
 *	content          of a request is skipped      client_body_timeout
 *	response         is not read                  send_timeout
 *	keep-alive       waits for the next request   keepalive_timeout
 *
 * The names and defaults are nginx's. During content and responses, each byte of progress puts
 * the deadline off by 2 ms at most, so a peer that sends single bytes to stay alive is ended,
 * too. While the stack drains, the wait for a request is limited by rest.h; other phases keep
 * their time.
 *
 * Threads    the connection's core.
 * Memory     none.
 * Bounds     one deadline per connection.
 */
#ifndef APP_HTTP_TIME_H
#define APP_HTTP_TIME_H

#include "service/http/session.h"

/* opened() calls it. */
void http_time_begin(struct hf_core *h, const struct http *s, struct hf_conn *c);
/* draining() calls it: a connection that waits for a request gets a short time. */
void http_time_drain(const struct http_session *x);
/* room() calls it before it queues bytes. */
void http_time_read(struct http_session *x);
/* Each event calls it at its end. `blocked` says that no further request is read now. */
void http_time_watch(struct http_session *x, bool blocked);

#endif
