/* SPDX-License-Identifier: BSD-3-Clause */
/* The answers of the http service. */
#include "http_peer.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

/* RFC 9110 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT */
static bool
is_http_date(const char *s)
{
	static const char form[] = "Aaa, 00 Aaa 0000 00:00:00 GMT\r\n";

	for (unsigned i = 0; i < sizeof(form) - 1; i++) {
		bool ok = form[i] == '0'   ? isdigit((unsigned char)s[i]) != 0
		          : form[i] == 'A' ? isupper((unsigned char)s[i]) != 0
		          : form[i] == 'a' ? islower((unsigned char)s[i]) != 0
		                           : s[i] == form[i];
		if (!ok)
			return false;
	}
	return true;
}

Test(http_service, small_request_is_answered_in_one_piece_without_state)
{
	struct server s = server_with_body(512);
	struct hf_conn *c = client(&s);
	struct response r;

	client_says(c, GET_ROOT);
	r = response_only(c);
	cr_expect_eq(r.status, 200u);
	cr_expect_eq(r.body_len, 512u);
	cr_expect(response_has(&r, "\r\nContent-Type: text/html"));
	cr_expect_not(response_has(&r, "Connection:"));
	cr_expect_not(response_has(&r, "Server:"));
	cr_expect(is_http_date(strstr(r.head, "\r\nDate: ") + 8));
	cr_expect_eq(c->sends, 1u);
	cr_expect_eq(records_used(&s), 0u);
	cr_expect_not(c->lingers || c->closed);
	fake_ack_all(c);
	cr_expect_eq(records_used(&s), 0u);
	fake_end(c, HF_RESET);
	server_end(&s);
}

Test(http_service, body_has_exactly_the_bytes_asked_for)
{
	static const uint32_t sizes[] = {
	        0, 1, 28, 29, 100, 330, 331, 332, 333, 512, 4096, 4097, 100000};

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct server s = server_with_body(sizes[i]);
		struct hf_conn *c = client(&s);
		struct response r;

		client_says(c, GET_ROOT);
		r = response_only(c);
		cr_expect_eq(r.body_len, sizes[i]);
		if (response_has(&r, "text/html"))
			cr_expect_eq(memcmp(r.body + r.body_len - 8, "</html>\n", 8), 0);
		else if (sizes[i] >= 29)
			cr_expect_eq(memcmp(r.body, "It works: served by Handfast\n", 29), 0);
		cr_expect(sizes[i] < 512 || response_has(&r, "text/html"));
		fake_ack_all(c);
		fake_end(c, HF_RESET);
		server_end(&s);
	}
}

/* RFC 9112 9.6: a FIN follows the response, and no RST answers text behind it. */
Test(http_service, connection_close_lingers)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	struct response r;

	client_says(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" GET_ROOT);
	r = response_only(c);
	cr_expect(response_has(&r, "\r\nConnection: close\r\n"));
	cr_expect(c->lingers);
	client_says(c, GET_ROOT GET_ROOT);
	fake_ack_all(c);
	client_says(c, GET_ROOT);
	cr_expect_not(c->closed);
	cr_expect_eq(records_used(&s), 0u);
	response_only(c);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

Test(http_service, close_on_closes_after_each_response)
{
	struct server s = server_with_body(100);
	struct hf_conn *c;
	struct response r;

	http_conf_close(&s.conf, true);
	server_again(&s);
	c = client(&s);
	client_says(c, GET_ROOT);
	r = response_only(c);
	cr_expect(response_has(&r, "\r\nConnection: close\r\n"));
	cr_expect(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* RFC 9112 9.3 */
Test(http_service, http_1_0_closes_unless_asked_to_keep_alive)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	struct response r;
	size_t at = 0;

	client_says(c, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
	r = response_next(c, &at, false);
	cr_expect(response_has(&r, "\r\nConnection: keep-alive\r\n"));
	cr_expect_not(c->lingers);
	client_says(c, "GET /none HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
	r = response_next(c, &at, false);
	cr_expect_eq(r.status, 404u);
	cr_expect(response_has(&r, "\r\nConnection: keep-alive\r\n"));
	client_says(c, "GET / HTTP/1.0\r\n\r\n");
	r = response_next(c, &at, false);
	cr_expect(response_has(&r, "\r\nConnection: close\r\n"));
	cr_expect(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* RFC 9112 9.3.2 */
Test(http_service, pipelined_requests_are_answered_in_order)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	size_t at = 0;

	client_says(c, GET_ROOT "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
	                        "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
	                        "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n\r\n"
	                        "PUT / HTTP/1.1\r\nHost: x\r\n\r\n" GET_ROOT);
	cr_expect_eq(response_next(c, &at, false).status, 200u);
	cr_expect_eq(response_next(c, &at, true).body_len, 100u);
	cr_expect_eq(response_next(c, &at, false).status, 404u);
	cr_expect_eq(response_next(c, &at, true).status, 404u);
	cr_expect_eq(response_next(c, &at, false).status, 405u);
	cr_expect_eq(response_next(c, &at, false).status, 200u);
	cr_expect_eq(at, c->out_len);
	cr_expect_not(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* The same bytes in one piece, in two, in three and one by one. */
Test(http_service, any_split_gives_the_same_responses)
{
	static const char *const streams[] = {GET_ROOT
	        "HEAD /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	        "\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 29\r\n\r\n"
	        "GET /a HTTP/1.1\r\nHost: x\r\n\r\n.." GET_ROOT "GET",
	        GET_ROOT "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n" GET_ROOT,
	        GET_ROOT "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" GET_ROOT,
	        "GET / HTTP/1.1\nHost: x\n\n" GET_ROOT "\r\r\n" GET_ROOT,
	        GET_ROOT "GET / HTTP/1.0\n\n"};
	struct server s = server_with_body(50);

	for (unsigned i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		uint32_t len = (uint32_t)strlen(streams[i]);
		struct hf_conn *whole = client(&s), *bytes = client(&s);

		client_says(whole, streams[i]);
		cr_assert_gt(whole->out_len, 0u);
		for (uint32_t at = 0; at < len; at++)
			cr_assert_eq(fake_data(bytes, streams[i] + at, 1), 1u);
		cr_assert_eq(bytes->out_len, whole->out_len, "stream %u", i);
		cr_assert_eq(memcmp(bytes->out, whole->out, whole->out_len), 0);
		for (uint32_t a = 1; a < len; a++) {
			for (uint32_t b = a; b < len; b += 7) {
				struct hf_conn *c = client(&s);

				fake_data_all(c, streams[i], a);
				fake_data_all(c, streams[i] + a, b - a);
				fake_data_all(c, streams[i] + b, len - b);
				cr_assert_eq(c->out_len, whole->out_len, "stream %u at %u, %u",
				        i, a, b);
				cr_assert_eq(memcmp(c->out, whole->out, c->out_len), 0);
				cr_assert_eq(c->lingers, whole->lingers);
				fake_end(c, HF_CLOSED);
			}
		}
		fake_end(whole, HF_CLOSED);
		fake_end(bytes, HF_CLOSED);
	}
	server_end(&s);
}

/* RFC 9110 15.5: an error that leaves the framing in doubt ends the connection. */
Test(http_service, broken_requests_get_their_status_and_the_end)
{
	static const struct {
		const char *text;
		unsigned status;
	} cases[] = {
	        {"GET / HTTP/1.1\r\n\r\n", 400},
	        {"GET /\r\n", 400},
	        {"\x16\x03\x01", 400},
	        {"GET / HTTP/3.0\r\n", 505},
	        {"BREW / HTTP/1.1\r\n", 501},
	        {"GET / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n", 417},
	        {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: "
	         "chunked\r\n\r\n",
	                400},
	};
	struct server s = server_with_body(100);

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hf_conn *c = client(&s);
		struct response r;

		client_says(c, cases[i].text);
		r = response_only(c);
		cr_expect_eq(r.status, cases[i].status, "%s", cases[i].text);
		cr_expect(response_has(&r, "\r\nConnection: close\r\n"));
		cr_expect(is_http_date(strstr(r.head, "\r\nDate: ") + 8));
		cr_expect(c->lingers);
		fake_end(c, HF_CLOSED);
	}
	server_end(&s);
}

Test(http_service, long_header_section_is_431)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	static const char begin[] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
	static char text[20000];

	memset(text, 'a', sizeof(text));
	memcpy(text, begin, sizeof(begin) - 1);
	for (uint32_t at = 0; at < 20000; at += 1000)
		fake_data_all(c, text + at, 1000);
	cr_expect_eq(response_only(c).status, 431u);
	cr_expect(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* RFC 9110 15.5.6 */
Test(http_service, other_methods_are_405_with_allow)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	struct response r;

	client_says(c, "DELETE / HTTP/1.1\r\nHost: x\r\n\r\n");
	r = response_only(c);
	cr_expect_eq(r.status, 405u);
	cr_expect(response_has(&r, "\r\nAllow: GET, HEAD\r\n"));
	cr_expect_not(c->lingers);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* Content that looks like a request is none. */
Test(http_service, content_is_skipped)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);
	size_t at = 0;

	client_says(c,
	        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 27\r\n\r\n" GET_ROOT GET_ROOT);
	cr_expect_eq(strlen(GET_ROOT), 27u);
	cr_expect_eq(response_next(c, &at, false).status, 405u);
	cr_expect_eq(response_next(c, &at, false).status, 200u);
	cr_expect_eq(at, c->out_len);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

/* A body that cannot or need not be skipped ends the connection: RFC 9112 7.1 (the chunks are
 * not read), RFC 9110 10.1.1 (the content may not come). */
Test(http_service, other_content_ends_the_connection)
{
	static const char *const fields[] = {"Transfer-Encoding: chunked",
	        "Content-Length: 1048577", "Content-Length: 99999999999999999999999",
	        "Expect: 100-continue\r\nContent-Length: 27"};
	struct server s = server_with_body(100);

	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		for (unsigned post = 0; post < 2; post++) {
			struct hf_conn *c = client(&s);
			struct response r;
			char text[256];

			snprintf(text, sizeof(text), "%s / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s",
			        post ? "POST" : "GET", fields[i], GET_ROOT);
			client_says(c, text);
			client_says(c, GET_ROOT);
			r = response_only(c);
			cr_expect_eq(r.status, post ? 405u : 200u);
			cr_expect(response_has(&r, "\r\nConnection: close\r\n"));
			cr_expect(c->lingers);
			fake_end(c, HF_CLOSED);
		}
	}
	server_end(&s);
}

/* RFC 9293 3.6: the peer has said all, but wants to hear the answer. */
Test(http_service, half_closed_peer_gets_its_response)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	client_says(c, GET_ROOT "GET /half");
	fake_peer_closed(c);
	cr_expect_eq(response_only(c).status, 200u);
	cr_expect(c->closed);
	cr_expect_not(c->aborted);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

static void
expect_at(struct server *s, const char *path, unsigned status)
{
	struct hf_conn *c = client(s);
	struct response r;
	char text[256];

	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
	client_says(c, text);
	r = response_only(c);
	cr_expect_eq(r.status, status, "%s", path);
	if (status == 200) {
		cr_expect(response_has(&r, "\r\nContent-Type: text/plain"));
		cr_expect(r.body_len == 3 && memcmp(r.body, "abc", 3) == 0);
	}
	fake_end(c, HF_CLOSED);
}

Test(http_service, file_is_at_root_and_at_its_name)
{
	struct server s = server_with_body(1);
	char path[] = "/tmp/handfast-test-XXXXXX a.txt", show[64];
	int fd = mkstemps(path, 6);
	const char *name = path + 5;

	cr_assert(fd >= 0 && write(fd, "abc", 3) == 3);
	close(fd);
	cr_assert_eq(http_conf_file(&s.conf, path), 0);
	unlink(path);
	cr_expect_str_eq(http_conf_path(&s.conf), path);
	cr_expect_eq(http_conf_bytes(&s.conf), 3u);
	server_again(&s);
	expect_at(&s, "/", 200);
	expect_at(&s, "/?a=/b", 200);
	expect_at(&s, "http://x/", 200);
	snprintf(show, sizeof(show), "/%.*s%%20a.txt?q", (int)strlen(name) - 6, name);
	expect_at(&s, show, 200);
	expect_at(&s, "/other", 404);
	expect_at(&s, "//", 404);
	server_end(&s);
}

Test(http_service, conf_says_what_is_wrong_and_stays)
{
	char path[] = "/tmp/handfast-test-XXXXXX", fifo[64];
	struct http_conf conf;

	cr_assert_eq(http_conf_init(&conf), 0);
	cr_expect_eq(http_conf_file(&conf, "/nonexistent/file"), -ENOENT);
	cr_expect_eq(http_conf_file(&conf, "/tmp"), -EISDIR);
	cr_assert_not_null(mkdtemp(path));
	snprintf(fifo, sizeof(fifo), "%s/fifo", path);
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	cr_expect_eq(http_conf_file(&conf, fifo), -EINVAL);
	unlink(fifo);
	rmdir(path);
	cr_expect_eq(http_conf_body(&conf, UINT64_C(1) << 30), -EFBIG);
	cr_expect_eq(http_conf_bytes(&conf), DEFAULT_HTTP_BODY);
	cr_expect_null(http_conf_path(&conf));
	http_conf_free(&conf);
}

/* A listener keeps the body that it was given. */
Test(http_service, conf_may_change_under_a_listener)
{
	struct server s = server_with_body(100);
	struct hf_conn *c = client(&s);

	cr_assert_eq(http_conf_body(&s.conf, 5000), 0);
	client_says(c, GET_ROOT);
	cr_expect_eq(response_only(c).body_len, 100u);
	fake_end(c, HF_CLOSED);
	server_end(&s);
}

static void
blank_date(uint8_t *text, size_t len)
{
	uint8_t *date = len > 0 ? memmem(text, len, "\r\nDate: ", 8) : NULL;

	if (date != NULL)
		memset(date + 8, '.', 29);
}

/* The answer to text, by a service that has heard `before` from another client. */
static void
answer_after(const char *before, const uint8_t *text, uint32_t len, char out[4096])
{
	struct server s = server_with_body(64);
	struct hf_conn *other = client(&s), *c = client(&s);

	if (before != NULL)
		client_says(other, before);
	fake_data(c, text, len);
	blank_date(c->out, c->out_len);
	snprintf(out, 4096, "%d%d %.*s", c->lingers, c->closed, (int)c->out_len,
	        (const char *)c->out);
	fake_end(other, HF_RESET);
	fake_end(c, HF_RESET);
	server_end(&s);
}

/* The last request is recognised. A request that differs in any byte is not. */
Test(http_service, what_was_heard_before_changes_no_answer)
{
	static const char known[] =
	        "GET / HTTP/1.1\r\nHost: a.b:80\r\nConnection: close\r\n\r\n";
	static const uint8_t bytes[] = "\0\r\n :/aHG15\xff";
	uint8_t text[sizeof(known)];
	char fresh[4096], after[4096];

	for (unsigned at = 0; at < sizeof(known) - 1; at++) {
		for (unsigned i = 0; i < sizeof(bytes) - 1; i++) {
			memcpy(text, known, sizeof(known));
			text[at] = bytes[i];
			answer_after(NULL, text, sizeof(known) - 1, fresh);
			answer_after(known, text, sizeof(known) - 1, after);
			cr_assert_str_eq(after, fresh, "byte %u is %u", at, bytes[i]);
		}
	}
	answer_after(NULL, (const uint8_t *)known, sizeof(known) - 1, fresh);
	answer_after(known, (const uint8_t *)known, sizeof(known) - 1, after);
	cr_expect_str_eq(after, fresh);
	answer_after(known, (const uint8_t *)known, sizeof(known) - 2, after);
	cr_expect_str_eq(after, "00 ", "a part of it is not it");
}
