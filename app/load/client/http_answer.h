/* SPDX-License-Identifier: BSD-3-Clause */
/* http_answer: parses an HTTP/1 answer as it arrives, in pieces of any size (RFC 9112).
 *
 * The parser has 16 bytes of state and no buffer, and its result does not depend on how the
 * bytes were cut into segments. It passes over interim answers (1xx). It refuses answers with
 * two possible readings: a second Content-Length, a Content-Length beside Transfer-Encoding
 * (RFC 9112 6.3), a folded framing field, a control character in a header section, and 101,
 * since no request asks for an upgrade.
 *
 * Threads    pure; all state is in struct http_answer.
 * Memory     the caller's struct.
 * Errors     HTTP_ANSWER_BAD; the parser stays in that state.
 * Bounds     HTTP_ANSWER_HEAD_MAX bytes of header sections, HTTP_ANSWER_CHUNK_MAX bytes of a
 *            chunk's line; the body has no bound.
 */
#ifndef APP_LOAD_HTTP_ANSWER_H
#define APP_LOAD_HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

/* All header sections of an answer together, with interim answers and trailers. */
#define HTTP_ANSWER_HEAD_MAX  16384u
#define HTTP_ANSWER_CHUNK_MAX 1024u

/* A struct of zeros is the state before the first byte. */
struct http_answer {
	uint64_t left;     /* bytes left of the body or of the chunk */
	uint16_t head_len; /* bytes of header sections so far */
	uint16_t status;   /* complete once the body is reached */
	uint8_t step;      /* enum step in http_answer.c */
	uint8_t match;     /* bytes of a word that are as expected */
	uint8_t maybe;     /* words that the bytes may still become */
	uint8_t framed;    /* flags of the framing fields */
};

enum http_answer_is {
	HTTP_ANSWER_HEAD, /* the header section is not complete */
	HTTP_ANSWER_BODY, /* the header section is complete, the answer is not */
	HTTP_ANSWER_DONE,
	HTTP_ANSWER_BAD,
};

/* Takes bytes up to the end of the header section, and returns their number. */
uint32_t http_answer_take_head(struct http_answer *a, const uint8_t *bytes, uint32_t len);
/* Takes bytes up to the end of the answer, and returns their number. *body grows by the bytes
 * of the content. Do not call it after HTTP_ANSWER_DONE or HTTP_ANSWER_BAD. */
uint32_t http_answer_take(
        struct http_answer *a, const uint8_t *bytes, uint32_t len, uint64_t *body);

enum http_answer_is http_answer_is(const struct http_answer *a);
/* Is the answer the last one on its connection (RFC 9112 9.3)? Its header section is complete.
 */
bool http_answer_closes(const struct http_answer *a);
/* Does a FIN complete the answer (RFC 9112 6.3, 8)? */
bool http_answer_ends_here(const struct http_answer *a);

#endif
