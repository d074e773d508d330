/* SPDX-License-Identifier: BSD-3-Clause */
/* A check that a page is well-formed. */
#include "markup.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define DEPTH 64

struct element {
	const char *name;
	size_t len;
};

struct reader {
	const char *at;
	unsigned depth;
	struct element open[DEPTH];
};

bool
markup_is_plain(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;

	for (size_t i = 0; i < len; i++) {
		if ((p[i] < ' ' && p[i] != '\n') || p[i] == 0x7f)
			return false;
		if (p[i] == 0xc2 && i + 1 < len && p[i + 1] < 0xa0) /* U+0080 to U+009F */
			return false;
	}
	return true;
}

/* U+FFFE and U+FFFF are no characters (XML 2.2). */
static bool
has_no_character(const char *page)
{
	return strstr(page, "\xef\xbf\xbe") != NULL || strstr(page, "\xef\xbf\xbf") != NULL;
}

static size_t
name_len(const char *p)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*p))
		return 0;
	while (isalnum((unsigned char)p[n]) || p[n] == '-' || p[n] == ':')
		n++;
	return n;
}

static bool
take_entity(struct reader *r)
{
	static const char *const known[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};

	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(r->at, known[i], strlen(known[i])) != 0)
			continue;
		r->at += strlen(known[i]);
		return true;
	}
	return false;
}

/* name="value", each name once. */
static bool
take_attribute(struct reader *r, struct element *seen, unsigned n)
{
	seen[n] = (struct element) {r->at, name_len(r->at)};
	for (unsigned i = 0; i < n; i++)
		if (seen[i].len == seen[n].len &&
		        memcmp(seen[i].name, seen[n].name, seen[n].len) == 0)
			return false;
	r->at += seen[n].len;
	if (seen[n].len == 0 || strncmp(r->at, "=\"", 2) != 0)
		return false;
	for (r->at += 2; *r->at != '"';) {
		if (*r->at == '\0' || *r->at == '<')
			return false;
		if (*r->at != '&')
			r->at++;
		else if (!take_entity(r))
			return false;
	}
	r->at++;
	return true;
}

static bool
take_start(struct reader *r)
{
	struct element e = {r->at, name_len(r->at)}, seen[DEPTH];
	unsigned n = 0;

	r->at += e.len;
	while (e.len != 0 && n < DEPTH && *r->at == ' ') {
		r->at++;
		if (!take_attribute(r, seen, n++))
			return false;
	}
	if (e.len != 0 && strncmp(r->at, "/>", 2) == 0) {
		r->at += 2;
		return true;
	}
	if (e.len == 0 || *r->at != '>' || r->depth == DEPTH)
		return false;
	r->at++;
	r->open[r->depth++] = e;
	return true;
}

static bool
take_end(struct reader *r)
{
	const struct element *e;

	if (r->depth == 0)
		return false;
	e = &r->open[--r->depth];
	if (strncmp(r->at, e->name, e->len) != 0 || r->at[e->len] != '>')
		return false;
	r->at += e->len + 1;
	return true;
}

const char *
markup_wrong(const char *page)
{
	static const char doctype[] = "<!DOCTYPE html>\n";
	struct reader r = {.at = page};
	bool ok = strncmp(page, doctype, sizeof(doctype) - 1) == 0 && !has_no_character(page);

	r.at += ok ? sizeof(doctype) - 1 : 0;
	while (ok && *r.at != '\0') {
		if (*r.at == '&') {
			ok = take_entity(&r);
		} else if (*r.at != '<') {
			ok = r.depth > 0 || isspace((unsigned char)*r.at);
			r.at++;
		} else if (*++r.at == '/') {
			r.at++;
			ok = take_end(&r);
		} else {
			ok = take_start(&r);
		}
	}
	return ok && r.depth == 0 ? NULL : r.at;
}
