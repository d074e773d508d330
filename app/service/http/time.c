/* SPDX-License-Identifier: BSD-3-Clause */
#include "service/http/time.h"

#include "service/rest.h"

#define BYTE_MS     2  /* 500 bytes a second */
#define UNREAD_UNIT 16 /* of http_word.unread */
#define UNREAD_MAX  ((1u << 26) - 1)
#define US_PER_MS   1000u

static uint32_t
unread(const struct http_session *x)
{
	uint32_t n = hf_unacked(x->h, x->c) / UNREAD_UNIT;

	return n < UNREAD_MAX ? n : UNREAD_MAX;
}

static enum http_phase
phase_of(const struct http_session *x, bool blocked)
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
		return HTTP_HEADER; /* an empty line in pieces: its time runs on */
	return x->w.phase == HTTP_FRESH ? HTTP_FRESH : HTTP_IDLE;
}

/* What is left to a header section from when its first byte came. */
static uint32_t
header_left_ms(const struct http_session *x)
{
	uint64_t since_ms = (hf_now_us(x->h) - x->rec->since_us) / US_PER_MS;
	uint32_t most = x->s->timeout_ms[HTTP_CLIENT_HEADER];

	return since_ms < most ? most - (uint32_t)since_ms : 1;
}

static void
enter(struct http_session *x, enum http_phase phase)
{
	const uint32_t *ms = x->s->timeout_ms;

	switch (phase) {
	case HTTP_HEADER:
		/* it could not come while we did not read */
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
content_came(struct http_session *x)
{
	uint32_t most = x->s->timeout_ms[HTTP_CLIENT_BODY];

	if (x->w.count < x->count_before)
		hf_deadline_later(x->h, x->c, (x->count_before - x->w.count) * BYTE_MS, most);
	else if (x->w.count > x->count_before) /* another request's */
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
	uint32_t now = unread(x);

	if (x->w.phase == HTTP_SENDING && now < x->w.unread)
		hf_deadline_later(x->h, x->c, (x->w.unread - now) * UNREAD_UNIT * BYTE_MS,
		        x->s->timeout_ms[HTTP_SEND]);
	x->w.unread = now;
}

void
http_time_watch(struct http_session *x, bool blocked)
{
	enum http_phase phase = phase_of(x, blocked);

	if (x->w.gone)
		return;
	if (phase != x->w.phase)
		enter(x, phase);
	else if (phase == HTTP_CONTENT)
		content_came(x);
	else if (phase == HTTP_HEADER && x->answered)
		hf_deadline(x->h, x->c, header_left_ms(x)); /* the next one's */
	x->w.unread = unread(x);
}
