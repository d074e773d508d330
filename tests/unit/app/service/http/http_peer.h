/* SPDX-License-Identifier: BSD-3-Clause */
/* http_peer: a server core with the http service, and a client that reads
 * responses as RFC 9112 6.3 says. */
#ifndef TESTS_HTTP_PEER_H
#define TESTS_HTTP_PEER_H

#include "../../fake_hf.h"
#include "service/http/session.h"
#include "service/services.h"

#define GET_ROOT "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

struct server {
	struct hf_core core;
	struct http_conf conf;
	struct http *http;
};

struct server server_with_body(uint64_t bytes);
/* Nothing may be left over in it. */
void server_end(struct server *s);
/* Apply the changes in conf. */
void server_again(struct server *s);

/* Records in use, of both sizes. */
uint32_t records_used(const struct server *s);

struct hf_conn *client(struct server *s);
/* One data() event that must take all of it. */
void client_says(struct hf_conn *c, const char *text);

struct response {
	unsigned status;
	const char *head; /* its first byte */
	uint32_t head_len;
	const uint8_t *body;
	uint32_t body_len; /* the value of Content-Length */
};

/* The response at *at in the bytes sent to the client; moves *at behind it. */
struct response response_next(const struct hf_conn *c, size_t *at, bool to_head);
/* The one response that was sent. */
struct response response_only(const struct hf_conn *c);
bool response_has(const struct response *r, const char *text);

#endif
