/* SPDX-License-Identifier: BSD-3-Clause */
/* A client of the http service, on the fake API. */
#include "http_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

void
server_again(struct server *s)
{
	if (s->http != NULL)
		service_http.destroy(s->http);
	s->http = service_http.create(&s->conf, -1);
	cr_assert_not_null(s->http);
}

struct server
server_with_body(uint64_t bytes)
{
	struct server s = {.core = fake_core()};

	cr_assert_eq(http_conf_init(&s.conf), 0);
	cr_assert_eq(http_conf_body(&s.conf, bytes), 0);
	server_again(&s);
	return s;
}

uint32_t
records_used(const struct server *s)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < HTTP_SIZES; i++)
		n += s->http->store.shelf[i].pool.used;
	return n;
}

void
server_end(struct server *s)
{
	cr_assert_eq(records_used(s), 0u, "records are left over");
	for (unsigned i = 0; i < HTTP_RENDERINGS; i++)
		cr_assert_eq(s->http->page.held[i], 0u, "rendering %u is still held", i);
	cr_assert_eq(s->core.bufs_out, 0, "buffers are left over");
	service_http.destroy(s->http);
	http_conf_free(&s->conf);
}

struct hf_conn *
client(struct server *s)
{
	return fake_open(&s->core, &service_http, s->http);
}

void
client_says(struct hf_conn *c, const char *text)
{
	uint32_t len = (uint32_t)strlen(text);

	cr_assert_eq(fake_data(c, text, len), len);
}

struct response
response_next(const struct hf_conn *c, size_t *at, bool to_head)
{
	const char *head = (const char *)c->out + *at, *end, *length;
	struct response r = {.head = head};

	cr_assert_lt(*at, c->out_len, "no further response");
	end = memmem(head, c->out_len - *at, "\r\n\r\n", 4);
	cr_assert_not_null(end, "no header section");
	r.head_len = (uint32_t)(end + 4 - head);
	cr_assert_eq(sscanf(head, "HTTP/1.1 %u ", &r.status), 1);
	length = memmem(head, r.head_len, "\r\nContent-Length: ", 18);
	cr_assert_not_null(length);
	r.body_len = (uint32_t)strtoul(length + 18, NULL, 10);
	r.body = (const uint8_t *)head + r.head_len;
	*at += r.head_len + (to_head ? 0 : r.body_len);
	cr_assert_leq(*at, c->out_len, "the body is cut short");
	return r;
}

struct response
response_only(const struct hf_conn *c)
{
	size_t at = 0;
	struct response r = response_next(c, &at, false);

	cr_assert_eq(at, c->out_len, "more than one response");
	return r;
}

bool
response_has(const struct response *r, const char *text)
{
	return memmem(r->head, r->head_len, text, strlen(text)) != NULL;
}
