/* SPDX-License-Identifier: BSD-3-Clause */
/* Parses an HTTP/1 answer, one byte after the other, by a state machine. */
#include "load/client/http_answer.h"

#include <stddef.h>
#include <string.h>

/* The steps of an answer, in its order (struct http_answer.step). */
enum step {
	STATUS, /* "HTTP/1." */
	MINOR,
	MINOR_SP,
	CODE, /* three digits */
	CODE_END,
	REASON,
	LINE, /* a line of the header section begins */
	NAME,
	VALUE, /* the value of a field that does not matter here */
	LENGTH_OWS,
	LENGTH,
	LENGTH_END,
	TOKEN_OWS, /* before a token of Connection or Transfer-Encoding */
	TOKEN,
	TOKEN_GAP, /* white space after the token */
	HEAD_LF,   /* after the CR of the empty line */
	LINE_LF,   /* after the CR of any other line */
	SIZED,     /* in a body of known length */
	CHUNK_FIRST,
	CHUNK_SIZE,
	CHUNK_EXT,
	CHUNK_LF,
	CHUNK,
	CHUNK_CR, /* after the bytes of a chunk */
	CHUNK_CRLF,
	TRAILER,
	TRAILER_LINE,
	TRAILER_LF,
	UNTIL_CLOSE,
	DONE,
	BAD,
};

/* Flags of the framing (struct http_answer.framed). */
#define MINOR_0    0x01u
#define HAS_CLOSE  0x02u
#define HAS_KEEP   0x04u
#define HAS_LENGTH 0x08u
#define HAS_CODING 0x10u
#define IS_CHUNKED 0x20u /* the last coding is chunked */
#define IN_CODING  0x40u /* the tokens belong to Transfer-Encoding */
#define NO_FOLD    0x80u /* the line before was a field of the framing */

/* The words that the parser knows. Bit i of struct http_answer.maybe is word i of its table. */
static const struct word {
	const char *text;
	uint8_t len;
} field_word[] = {{"content-length", 14}, {"transfer-encoding", 17}, {"connection", 10}},
  token_word[] = {{"close", 5}, {"keep-alive", 10}, {"chunked", 7}};

enum { FIELD_LENGTH = 1, FIELD_CODING = 2, FIELD_CONNECTION = 4 };
enum { TOKEN_CLOSE = 1, TOKEN_KEEP = 2, TOKEN_CHUNKED = 4 };

#define WORDS 3
#define ANY   7u /* all words of a table */

static uint8_t
lower_letter(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* tchar of RFC 9110 5.6.2 */
static bool
is_tchar(uint8_t c)
{
	return is_digit(c) || (lower_letter(c) >= 'a' && lower_letter(c) <= 'z') ||
	       (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_text(uint8_t c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\t';
}

/* Takes one more byte of a word, and drops the words that it can no longer be. */
static void
word_byte(struct http_answer *a, const struct word *table, uint8_t c)
{
	for (unsigned i = 0; i < WORDS; i++)
		if (a->match >= table[i].len ||
		        (uint8_t)table[i].text[a->match] != lower_letter(c))
			a->maybe &= (uint8_t) ~(1u << i);
	if (a->match < UINT8_MAX)
		a->match++;
}

/* The word has ended. Returns its bit, or 0 if it is not in the table. */
static unsigned
word_is(const struct http_answer *a, const struct word *table)
{
	for (unsigned i = 0; i < WORDS; i++)
		if ((a->maybe & 1u << i) != 0 && a->match == table[i].len)
			return 1u << i;
	return 0;
}

static void
word_begin(struct http_answer *a)
{
	a->match = 0;
	a->maybe = ANY;
}

static void
token_end(struct http_answer *a)
{
	unsigned is = word_is(a, token_word);

	if (a->match == 0)
		return; /* an empty list element (RFC 9110 5.6.1) */
	if (a->framed & IN_CODING)
		a->framed = (uint8_t)((a->framed & ~IS_CHUNKED) |
		                      (is == TOKEN_CHUNKED ? IS_CHUNKED : 0));
	else if (is == TOKEN_CLOSE)
		a->framed |= HAS_CLOSE;
	else if (is == TOKEN_KEEP)
		a->framed |= HAS_KEEP;
	word_begin(a);
}

static enum step
name_end(struct http_answer *a)
{
	unsigned is = word_is(a, field_word);

	if (a->match == 0)
		return BAD;
	word_begin(a);
	if (is == 0)
		return VALUE;
	a->framed |= NO_FOLD;
	if (is == FIELD_LENGTH) {
		if (a->framed & HAS_LENGTH)
			return BAD;
		a->framed |= HAS_LENGTH;
		return LENGTH_OWS;
	}
	a->framed &= (uint8_t)~IN_CODING;
	if (is == FIELD_CODING)
		a->framed |= HAS_CODING | IN_CODING;
	return TOKEN_OWS;
}

/* The length of the body (RFC 9112 6.3, for answers to GET and POST). */
static enum step
head_end(struct http_answer *a)
{
	uint8_t framed = a->framed;

	if (a->status == 101)
		return BAD;
	if (a->status < 200) {
		a->status = 0;
		a->left = 0;
		a->match = 0;
		return STATUS;
	}
	if (a->status == 204 || a->status == 304)
		return DONE;
	if ((framed & HAS_CODING) && (framed & HAS_LENGTH))
		return BAD;
	if (framed & IS_CHUNKED)
		return CHUNK_FIRST;
	if (!(framed & HAS_LENGTH))
		return UNTIL_CLOSE;
	return a->left == 0 ? DONE : SIZED;
}

static enum step
status_byte(struct http_answer *a, uint8_t c)
{
	switch (a->step) {
	case STATUS:
		if (c != (uint8_t) "HTTP/1."[a->match])
			return BAD;
		return ++a->match == 7 ? MINOR : STATUS;
	case MINOR:
		if (!is_digit(c))
			return BAD;
		a->framed = c == '0' ? MINOR_0 : 0;
		return MINOR_SP;
	case MINOR_SP:
		a->match = 0;
		return c == ' ' ? CODE : BAD;
	case CODE:
		if (!is_digit(c))
			return BAD;
		a->status = (uint16_t)(a->status * 10 + (c - '0'));
		if (++a->match < 3)
			return CODE;
		return a->status >= 100 && a->status < 600 ? CODE_END : BAD;
	case CODE_END: /* some servers leave out the SP before an empty reason */
		if (c != ' ' && c != '\r' && c != '\n')
			return BAD;
		break;
	default:
		break;
	}
	if (c == '\r')
		return LINE_LF;
	if (c == '\n')
		return LINE;
	return is_text(c) ? REASON : BAD;
}

static enum step
line_byte(struct http_answer *a, uint8_t c)
{
	if (c == '\r')
		return HEAD_LF;
	if (c == '\n')
		return head_end(a);
	if (c == ' ' || c == '\t') /* obs-fold (RFC 9112 5.2) */
		return a->framed & NO_FOLD ? BAD : VALUE;
	if (!is_tchar(c))
		return BAD;
	a->framed &= (uint8_t)~NO_FOLD;
	word_begin(a);
	word_byte(a, field_word, c);
	return NAME;
}

static enum step
length_byte(struct http_answer *a, uint8_t c)
{
	if (is_digit(c) && a->step != LENGTH_END) {
		if (a->left > (UINT64_MAX - 9) / 10)
			return BAD;
		a->left = a->left * 10 + (c - '0');
		return LENGTH;
	}
	if (c == ' ' || c == '\t')
		return a->step == LENGTH_OWS ? LENGTH_OWS : LENGTH_END;
	if (a->step == LENGTH_OWS)
		return BAD; /* empty */
	if (c == '\r')
		return LINE_LF;
	return c == '\n' ? LINE : BAD;
}

static enum step
token_byte(struct http_answer *a, uint8_t c)
{
	if (c == ' ' || c == '\t')
		return a->step == TOKEN_OWS ? TOKEN_OWS : TOKEN_GAP;
	if (!is_text(c) && c != '\r' && c != '\n')
		return BAD;
	if (c != ',' && is_text(c)) {
		if (a->step == TOKEN_GAP)
			a->maybe = 0; /* "a b" is not a token */
		word_byte(a, token_word, c);
		return TOKEN;
	}
	token_end(a);
	if (c == ',')
		return TOKEN_OWS;
	return c == '\r' ? LINE_LF : LINE;
}

static enum step
head_byte(struct http_answer *a, uint8_t c)
{
	if (++a->head_len > HTTP_ANSWER_HEAD_MAX)
		return BAD;
	switch (a->step) {
	case LINE:
		return line_byte(a, c);
	case NAME:
		if (c == ':')
			return name_end(a);
		if (!is_tchar(c))
			return BAD;
		word_byte(a, field_word, c);
		return NAME;
	case VALUE:
		if (c == '\r')
			return LINE_LF;
		if (c == '\n')
			return LINE;
		return is_text(c) ? VALUE : BAD;
	case LENGTH_OWS:
	case LENGTH:
	case LENGTH_END:
		return length_byte(a, c);
	case TOKEN_OWS:
	case TOKEN:
	case TOKEN_GAP:
		return token_byte(a, c);
	case HEAD_LF:
		return c == '\n' ? head_end(a) : BAD;
	case LINE_LF:
		return c == '\n' ? LINE : BAD;
	default:
		return status_byte(a, c);
	}
}

static int
hex_value(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	c = lower_letter(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The line before a chunk (RFC 9112 7.1). */
static enum step
chunk_line_byte(struct http_answer *a, uint8_t c)
{
	int digit = hex_value(c);

	if (digit >= 0 && a->step != CHUNK_EXT) {
		if (a->left > UINT64_MAX >> 4)
			return BAD;
		a->left = a->left << 4 | (unsigned)digit;
		return CHUNK_SIZE;
	}
	if (a->step == CHUNK_FIRST)
		return BAD;
	if (c == '\r')
		return CHUNK_LF;
	if (c == '\n')
		return a->left > 0 ? CHUNK : TRAILER;
	if (a->step == CHUNK_SIZE && c != ';' && c != ' ' && c != '\t')
		return BAD;
	return is_text(c) ? CHUNK_EXT : BAD;
}

/* A chunk's line does not count as header section and has its own bound. Its length is kept in
 * match and maybe, which are not needed after the header section. */
static bool
chunk_line_fits(struct http_answer *a)
{
	unsigned len = a->step == CHUNK_FIRST ? 0 : a->match | (unsigned)a->maybe << 8;

	len++;
	a->match = len & 0xff;
	a->maybe = (uint8_t)(len >> 8);
	return len <= HTTP_ANSWER_CHUNK_MAX;
}

static enum step
trailer_byte(struct http_answer *a, uint8_t c)
{
	if (++a->head_len > HTTP_ANSWER_HEAD_MAX)
		return BAD;
	if (a->step == TRAILER_LF)
		return c == '\n' ? DONE : BAD;
	if (c == '\n')
		return a->step == TRAILER ? DONE : TRAILER;
	if (c == '\r' && a->step == TRAILER)
		return TRAILER_LF;
	return is_text(c) || c == '\r' ? TRAILER_LINE : BAD;
}

static enum step
chunked_byte(struct http_answer *a, uint8_t c)
{
	switch (a->step) {
	case CHUNK_LF:
		if (c != '\n')
			return BAD;
		return a->left > 0 ? CHUNK : TRAILER;
	case CHUNK_CR:
		if (c == '\n')
			return CHUNK_FIRST;
		return c == '\r' ? CHUNK_CRLF : BAD;
	case CHUNK_CRLF:
		return c == '\n' ? CHUNK_FIRST : BAD;
	case TRAILER:
	case TRAILER_LINE:
	case TRAILER_LF:
		return trailer_byte(a, c);
	default:
		return chunk_line_fits(a) ? chunk_line_byte(a, c) : BAD;
	}
}

static bool
answer_in_head(const struct http_answer *a)
{
	return a->step < SIZED;
}

/* Passes over content, of which only the length matters. Returns the number of bytes. */
static uint32_t
skip_content(struct http_answer *a, uint32_t len)
{
	if (a->step == UNTIL_CLOSE)
		return len;
	if (a->left > len) {
		a->left -= len;
		return len;
	}
	len = (uint32_t)a->left;
	a->left = 0;
	a->step = a->step == CHUNK ? CHUNK_CR : DONE;
	return len;
}

uint32_t
http_answer_take_head(struct http_answer *a, const uint8_t *bytes, uint32_t len)
{
	uint32_t at = 0;

	while (at < len && answer_in_head(a))
		a->step = (uint8_t)head_byte(a, bytes[at++]);
	return at;
}

uint32_t
http_answer_take(struct http_answer *a, const uint8_t *bytes, uint32_t len, uint64_t *body)
{
	uint32_t at = 0, n;

	while (at < len && a->step < DONE) {
		if (answer_in_head(a)) {
			at += http_answer_take_head(a, bytes + at, len - at);
		} else if (a->step == SIZED || a->step == CHUNK || a->step == UNTIL_CLOSE) {
			n = skip_content(a, len - at);
			*body += n;
			at += n;
		} else {
			a->step = (uint8_t)chunked_byte(a, bytes[at++]);
		}
	}
	return at;
}

enum http_answer_is
http_answer_is(const struct http_answer *a)
{
	if (a->step == DONE)
		return HTTP_ANSWER_DONE;
	if (a->step == BAD)
		return HTTP_ANSWER_BAD;
	return answer_in_head(a) ? HTTP_ANSWER_HEAD : HTTP_ANSWER_BODY;
}

bool
http_answer_closes(const struct http_answer *a)
{
	if ((a->framed & HAS_CLOSE) || a->step == UNTIL_CLOSE)
		return true;
	return (a->framed & MINOR_0) && !(a->framed & HAS_KEEP);
}

bool
http_answer_ends_here(const struct http_answer *a)
{
	return a->step == UNTIL_CLOSE;
}
