/* SPDX-License-Identifier: BSD-3-Clause */
/* http_answer: an HTTP/1 answer as it arrives, byte by byte if need be (RFC 9112).
 *
 * Sixteen bytes of state and no buffer: what comes out does not depend on how
 * the bytes were cut into segments. Interim answers (1xx) are passed over. What may be
 * read in two ways is refused: a second Content-Length, one beside
 * Transfer-Encoding (RFC 9112 6.3), a folded framing field, control
 * characters in a header section, 101 (nobody asked).
 *
 * Threads    none of its own: no state but struct http_answer.
 * Memory     the caller's.
 */
#ifndef APP_LOAD_HTTP_ANSWER_H
#define APP_LOAD_HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

/* Bounds: of all header sections of an answer together, interim ones and trailers
 * included; and of a chunk's line. */
#define HTTP_ANSWER_HEAD_MAX  16384u
#define HTTP_ANSWER_CHUNK_MAX 1024u

/* All zero is the state before the first byte. */
struct http_answer {
	uint64_t left;     /* of the body, or of the chunk */
	uint16_t head_len; /* bytes of header sections so far */
	uint16_t status;   /* complete once the body is reached */
	uint8_t step;
	uint8_t match;  /* bytes of a word that were as expected */
	uint8_t maybe;  /* words that it may still be */
	uint8_t framed; /* what the fields said of the framing */
};

enum http_answer_is {
	HTTP_ANSWER_HEAD, /* not whole: in its header section */
	HTTP_ANSWER_BODY, /* not whole: header section read */
	HTTP_ANSWER_DONE,
	HTTP_ANSWER_BAD,
};

/* Takes bytes up to the header section's end (or the answer's, if it has no
 * content): returns how many. */
uint32_t http_answer_take_head(struct http_answer *a, const uint8_t *bytes, uint32_t len);
/* Takes bytes up to the answer's end: returns how many. *body grows by those of
 * the content. Not to be called after HTTP_ANSWER_DONE or HTTP_ANSWER_BAD. */
uint32_t http_answer_take(
        struct http_answer *a, const uint8_t *bytes, uint32_t len, uint64_t *body);

enum http_answer_is http_answer_is(const struct http_answer *a);
/* Its header section has been read: it is the last on this connection (RFC 9112 9.3). */
bool http_answer_closes(const struct http_answer *a);
/* The peer sent FIN: is the answer whole by that (RFC 9112 6.3, 8)? */
bool http_answer_ends_here(const struct http_answer *a);

#endif
