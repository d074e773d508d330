/* SPDX-License-Identifier: BSD-3-Clause */
/* The phases of a connection, and the deadline of each. */
#include "service/http/time.h"

#include "service/rest.h"

#define BYTE_MS     2  /* a byte gives a peer 2 ms more, so the limit is 500 bytes per second */
#define UNREAD_UNIT 16 /* http_word.unread counts 16 bytes */
#define UNREAD_MAX  ((1u << 26) - 1)
#define US_PER_MS   1000u

static uint32_t
unread_units(const struct http_session *x)
{
	uint32_t n = hf_unacked(x->h, x->c) / UNREAD_UNIT;

	return n < UNREAD_MAX ? n : UNREAD_MAX;
}

static enum http_phase
current_phase(const struct http_session *x, bool blocked)
{
	if (blocked)
		return HTTP_SENDING;
	if (x->rec != NULL)
		return HTTP_HEADER;
	if (x->w.count > 0)
		return HTTP_CONTENT;
	if (hf_unacked(x->h, x->c) > 0)
		return HTTP_SENDING;
	if (x->w.phase == HTTP_HEADER && !x->answered)
		return HTTP_HEADER; /* an empty line in parts: its time goes on */
	return x->w.phase == HTTP_FRESH ? HTTP_FRESH : HTTP_IDLE;
}

/* The time left for a header section, which begins with its first byte. */
static uint32_t
header_left_ms(const struct http_session *x)
{
	uint64_t since_ms = (hf_now_us(x->h) - x->rec->since_us) / US_PER_MS;
	uint32_t most = x->s->timeout_ms[HTTP_CLIENT_HEADER];

	return since_ms < most ? most - (uint32_t)since_ms : 1;
}

static void
enter_phase(struct http_session *x, enum http_phase phase)
{
	const uint32_t *ms = x->s->timeout_ms;

	switch (phase) {
	case HTTP_HEADER:
		/* the request could not arrive while the service did not read */
		if (x->w.phase == HTTP_SENDING)
			x->rec->since_us = hf_now_us(x->h);
		hf_deadline(x->h, x->c, header_left_ms(x));
		break;
	case HTTP_CONTENT:
		hf_deadline(x->h, x->c, ms[HTTP_CLIENT_BODY]);
		break;
	case HTTP_SENDING:
		hf_deadline(x->h, x->c, ms[HTTP_SEND]);
		break;
	case HTTP_FRESH:
	case HTTP_IDLE:
		hf_deadline(x->h, x->c, rest_ms(x->h, ms[HTTP_KEEPALIVE]));
		break;
	}
	x->w.phase = phase;
}

static void
put_content_deadline_off(struct http_session *x)
{
	uint32_t most = x->s->timeout_ms[HTTP_CLIENT_BODY];

	if (x->w.count < x->count_before)
		hf_deadline_later(x->h, x->c, (x->count_before - x->w.count) * BYTE_MS, most);
	else if (x->w.count > x->count_before) /* the content belongs to the next request */
		hf_deadline(x->h, x->c, most);
}

void
http_time_begin(struct hf_core *h, const struct http *s, struct hf_conn *c)
{
	hf_deadline(h, c, s->timeout_ms[HTTP_CLIENT_HEADER]);
}

void
http_time_drain(const struct http_session *x)
{
	if (x->w.phase == HTTP_FRESH || x->w.phase == HTTP_IDLE)
		hf_deadline(x->h, x->c, rest_ms(x->h, x->s->timeout_ms[HTTP_KEEPALIVE]));
}

void
http_time_read(struct http_session *x)
{
	uint32_t now = unread_units(x);

	if (x->w.phase == HTTP_SENDING && now < x->w.unread)
		hf_deadline_later(x->h, x->c, (x->w.unread - now) * UNREAD_UNIT * BYTE_MS,
		        x->s->timeout_ms[HTTP_SEND]);
	x->w.unread = now;
}

void
http_time_watch(struct http_session *x, bool blocked)
{
	enum http_phase phase = current_phase(x, blocked);

	if (x->w.gone)
		return;
	if (phase != x->w.phase)
		enter_phase(x, phase);
	else if (phase == HTTP_CONTENT)
		put_content_deadline_off(x);
	else if (phase == HTTP_HEADER && x->answered)
		hf_deadline(x->h, x->c, header_left_ms(x)); /* for the next request */
	x->w.unread = unread_units(x);
}
