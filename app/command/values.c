/* SPDX-License-Identifier: BSD-3-Clause */
/* The readers of values, one for each type. */
#include "command/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "load/spec/options.h"
#include "text/nearest.h"
#include "text/reading.h"

#define MEBI_SHIFT 20

/* A word, and where its value goes. */
struct word {
	const struct lexicon *lex;
	const struct slot *slot;
	const char *text;
	const char *end;
	struct value *out;
	struct reading r;
};

static int
read_prefix(struct word *w)
{
	const char *slash = strchr(w->text, '/');

	if (slash == NULL)
		return reading_bad(&w->r, "the prefix length is missing");
	if (reading_addr(&w->r, w->text, slash, &w->out->addr) != 0 ||
	        reading_number(&w->r, slash + 1, w->end, 32, &w->out->number) != 0)
		return -EINVAL;
	if (w->out->number == 0)
		return reading_bad(&w->r, "a prefix length is 1 to 32");
	return 0;
}

static int
read_endpoint(struct word *w)
{
	const char *colon = strchr(w->text, ':');

	if (colon == NULL)
		return reading_bad(&w->r, "the port is missing");
	if (reading_addr(&w->r, w->text, colon, &w->out->addr) != 0)
		return -EINVAL;
	return reading_port(&w->r, colon + 1, w->end, &w->out->port);
}

/* A single address is a range, too. */
static int
read_range(struct word *w)
{
	const char *dash = strchr(w->text, '-');

	if (reading_addr(&w->r, w->text, dash != NULL ? dash : w->end, &w->out->addr) != 0)
		return -EINVAL;
	w->out->addr_last = w->out->addr;
	return dash == NULL ? 0 : reading_addr(&w->r, dash + 1, w->end, &w->out->addr_last);
}

static int
read_ports(struct word *w)
{
	const char *dash = strchr(w->text, '-');

	if (reading_port(&w->r, w->text, dash != NULL ? dash : w->end, &w->out->port) != 0)
		return -EINVAL;
	w->out->port_last = w->out->port;
	return dash == NULL ? 0 : reading_port(&w->r, dash + 1, w->end, &w->out->port_last);
}

/* 1500, 64K, 100M, 1G: powers of 1024. */
static int
read_bytes(struct word *w)
{
	static const char units[] = "KMG";
	const char *end = w->end;
	const char *unit = NULL;
	unsigned shift = 0;

	if (end > w->text)
		unit = strchr(units, toupper((unsigned char)end[-1]));
	if (unit != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		end--;
	}
	if (reading_number(&w->r, w->text, end, UINT64_MAX >> 31, &w->out->number) != 0)
		return -EINVAL;
	w->out->number <<= shift;
	w->out->real = (double)w->out->number;
	if (w->out->real > w->slot->most)
		return reading_bad(
		        &w->r, "at most %.0fM", w->slot->most / (double)(1u << MEBI_SHIFT));
	return 0;
}

static int
read_count_value(struct word *w)
{
	if (reading_number(&w->r, w->text, w->end, (uint64_t)w->slot->most, &w->out->number) !=
	        0)
		return -EINVAL;
	w->out->real = (double)w->out->number;
	return w->out->real < w->slot->least ? reading_bad(&w->r, "at least %g", w->slot->least)
	                                     : 0;
}

static int
read_real(struct word *w, const struct unit *units)
{
	const struct slot *s = w->slot;

	if (reading_decimal(&w->r, w->text, w->end, units, &w->out->real) != 0)
		return -EINVAL;
	if (w->out->real < s->least)
		return reading_bad(&w->r, "%s is less than %g", w->text, s->least);
	if (w->out->real > s->most)
		return reading_bad(&w->r, "%s is more than %.0f", w->text, s->most);
	w->out->number = (uint64_t)w->out->real;
	return 0;
}

/* K is 1000 for rates, unlike for bytes. */
static int
read_rate(struct word *w)
{
	static const struct unit units[] = {{"K", 1e3}, {"M", 1e6}, {NULL, 0}};

	return read_real(w, units);
}

static int
read_whole(struct word *w)
{
	if (read_rate(w) != 0)
		return -EINVAL;
	if ((double)w->out->number != w->out->real)
		return reading_bad(&w->r, "%s is not a whole number", w->text);
	return 0;
}

static int
read_seconds(struct word *w)
{
	static const struct unit units[] = {
	        {"s", 1}, {"m", 60}, {"h", 3600}, {"ms", 1e-3}, {NULL, 0}};

	return read_real(w, units);
}

static int
read_ms(struct word *w)
{
	static const struct unit units[] = {{"ms", 1}, {"s", 1e3}, {"us", 1e-3}, {NULL, 0}};

	return read_real(w, units);
}

static const struct unit no_units[] = {{NULL, 0}};

/* "5" is a number, "1%" and "0.5 %" are shares of all. */
static int
read_share(struct word *w)
{
	const char *end = w->end;

	w->out->percent = end > w->text && end[-1] == '%';
	if (w->out->percent)
		end--;
	if (reading_decimal(&w->r, w->text, end, no_units, &w->out->real) != 0)
		return -EINVAL;
	if (w->out->percent && w->out->real > 100)
		return reading_bad(&w->r, "%s is more than 100%%", w->text);
	if (!w->out->percent && w->out->real != (double)(uint64_t)w->out->real)
		return reading_bad(&w->r,
		        "a number of errors is whole; a share is written as %s%%", w->text);
	return 0;
}

static int
read_status(struct word *w)
{
	struct status_set set;

	if (strlen(w->text) >= sizeof(w->out->text))
		return reading_bad(
		        &w->r, "it is longer than %zu bytes", sizeof(w->out->text) - 1);
	snprintf(w->out->text, sizeof(w->out->text), "%s", w->text);
	return status_set_parse(w->text, &set, w->r.why, w->r.whylen);
}

static int
read_url(struct word *w)
{
	struct load_url url;

	if (load_url_parse(w->text, &url, w->r.why, w->r.whylen) != 0)
		return -EINVAL;
	snprintf(w->out->text, sizeof(w->out->text), "%s", w->text);
	return 0;
}

static int
read_text(struct word *w)
{
	if (w->text[0] == '\0')
		return reading_bad(&w->r, "it is empty");
	if (strlen(w->text) >= sizeof(w->out->text))
		return reading_bad(
		        &w->r, "it is longer than %zu bytes", sizeof(w->out->text) - 1);
	snprintf(w->out->text, sizeof(w->out->text), "%s", w->text);
	return 0;
}

static int
read_choice(struct word *w, const char *const *choices, const char *noun)
{
	const char *near;

	for (const char *const *c = choices; *c != NULL; c++) {
		if (strcasecmp(*c, w->text) == 0) {
			snprintf(w->out->text, sizeof(w->out->text), "%s", *c);
			return 0;
		}
	}
	near = nearest(w->text, choices);
	if (near != NULL)
		return reading_bad(
		        &w->r, "it is not a known %s; the nearest is '%s'", noun, near);
	return reading_bad(&w->r, "it is not a known %s", noun);
}

static int
read_word(struct word *w)
{
	switch (w->slot->type) {
	case VALUE_WORDS:
		return reading_bad(&w->r, "keywords stand here");
	case VALUE_COUNT:
		return read_count_value(w);
	case VALUE_WHOLE:
		return read_whole(w);
	case VALUE_RATE:
		return read_rate(w);
	case VALUE_SECONDS:
		return read_seconds(w);
	case VALUE_MS:
		return read_ms(w);
	case VALUE_BYTES:
		return read_bytes(w);
	case VALUE_SHARE:
		return read_share(w);
	case VALUE_ADDR:
		return reading_addr(&w->r, w->text, w->end, &w->out->addr);
	case VALUE_PREFIX:
		return read_prefix(w);
	case VALUE_ENDPOINT:
		return read_endpoint(w);
	case VALUE_RANGE:
		return read_range(w);
	case VALUE_PORTS:
		return read_ports(w);
	case VALUE_TEXT_WORD:
		return read_text(w);
	case VALUE_URL:
		return read_url(w);
	case VALUE_STATUS:
		return read_status(w);
	case VALUE_SERVICE:
		return read_choice(w, w->lex->services, "service");
	case VALUE_STATE:
		return read_choice(w, w->lex->states, "state");
	}
	return -EINVAL;
}

static const struct slot slots[ARG_KINDS] = {
#define SLOT(id, name_, what_, type_, ...) \
	[ARG_##id] = {.name = name_, .what = what_, .type = type_, ##__VA_ARGS__},
#include "command/slots.def"
};

/* The slot of an option of `load` is in the row of the option. */
static const struct slot *
find_slot(enum arg kind)
{
	return kind < ARG_LOADS ? &load_options[kind].slot : &slots[kind];
}

/* "rate CPS": the name of the slot stands behind the keyword. */
const char *
value_name(enum arg kind)
{
	if (kind < ARG_LOADS)
		return strchr(load_options[kind].syntax, ' ') + 1;
	return slots[kind].name;
}

const char *
value_what(enum arg kind)
{
	return find_slot(kind)->what;
}

/* May a command of this syntax use the slot? *own says that no other command may. */
static bool
slot_is_for(enum arg kind, const char *syntax, bool *own)
{
	const char *command = kind < ARG_LOADS ? "load" : slots[kind].command;
	size_t len;

	*own = command != NULL;
	if (!*own)
		return true;
	len = strlen(command);
	return strncmp(syntax, command, len) == 0 && syntax[len] == ' ';
}

enum arg
value_kind(const char *syntax, const char *name, unsigned len)
{
	enum arg found = ARG_KINDS;
	bool own;

	for (enum arg k = 0; k < ARG_KINDS; k++) {
		if (strlen(value_name(k)) != len || memcmp(value_name(k), name, len) != 0 ||
		        !slot_is_for(k, syntax, &own))
			continue;
		if (own)
			return k;
		found = k;
	}
	return found;
}

const char *const *
value_choices(const struct lexicon *lex, enum arg kind)
{
	if (find_slot(kind)->type == VALUE_SERVICE)
		return lex->services;
	return find_slot(kind)->type == VALUE_STATE ? lex->states : NULL;
}

int
value_parse(const struct lexicon *lex, enum arg kind, const char *word, struct value *out,
        char *why, unsigned whylen)
{
	struct word w = {lex, find_slot(kind), word, word + strlen(word), out, {why, whylen}};

	return read_word(&w);
}

const char *
addr_text(be32 addr, char text[ADDR_TEXT])
{
	const uint8_t *b = (const uint8_t *)&addr;

	snprintf(text, ADDR_TEXT, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	return text;
}
