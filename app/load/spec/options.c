/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of a load's options, and the texts that derive from it. */
#include "load/spec/options.h"

#include <stdio.h>
#include <string.h>

#include "text/paragraph.h"

#define OPTION_WIDTH     34
#define PARAGRAPH_INDENT 2

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define FIELD(f) (((struct load_spec *)NULL)->f)
/* An enum without negative values is an unsigned int. */
#define STORE(f) \
	_Generic(FIELD(f), double                                 \
	         : LOAD_STORE_REAL, uint32_t                      \
	         : LOAD_STORE_COUNT, char *                       \
	         : LOAD_STORE_TEXT, struct status_set             \
	         : LOAD_STORE_STATUS)

const struct load_option load_options[LOAD_OPTIONS] = {
#define LOAD_OPTION(id, syntax_, field, ...)                 \
	[LOAD_OPTION_##id] = {.syntax = syntax_,             \
	        .offset = offsetof(struct load_spec, field), \
	        .size = sizeof(FIELD(field)),                \
	        .store = STORE(field),                       \
	        __VA_ARGS__},
#include "load/spec/options.def"
};

/* The texts of `expect`, whose rows are in expectation.h. */
static const struct load_option_text expects[] = {
        {"expect cps LEAST", "", "connections completed each second, at least", NULL},
        {"expect rps LEAST", "", "requests answered each second, at least", NULL},
        {"expect errors SHARE", "1%", "attempts that failed, at most",
                "A number (`0`, `25`), or a share of all attempts (`5%`, `0.1%`). The default holds if `expect errors` is not given."},
        {"expect (p50|p90|p99|p99.9) MOST", "",
                "milliseconds of this percentile of whole connections, at most",
                "`5`, `0.5`, `800us`. The percentile is one of all attempts."},
        {"expect (connect|first-byte|request) ...", "",
                "the same for these latencies; p99 if no percentile is given",
                "As `expect connect p50 2`."},
};

static bool
has_defaults_by_kind(const struct load_option *o)
{
	for (unsigned k = 0; k < LOAD_KINDS; k++) {
		if (o->otherwise_of[k] != 0)
			return true;
	}
	return false;
}

double
load_option_otherwise(const struct load_option *o, enum load_kind kind)
{
	return has_defaults_by_kind(o) ? o->otherwise_of[kind] : o->otherwise;
}

const char *
load_option_default(const struct load_option *o, char text[LOAD_OTHERWISE_TEXT])
{
	size_t len = 0;

	text[0] = '\0';
	if (o->otherwise_text != NULL)
		snprintf(text, LOAD_OTHERWISE_TEXT, "%s", o->otherwise_text);
	else if (!has_defaults_by_kind(o) && o->otherwise != 0)
		snprintf(text, LOAD_OTHERWISE_TEXT, "%g", o->otherwise);
	for (enum load_kind k = 0; has_defaults_by_kind(o) && k < LOAD_KINDS; k++) {
		if (o->choices == NULL && o->otherwise_of[k] == 0)
			continue; /* none */
		if (len > 0)
			len += (size_t)snprintf(text + len, LOAD_OTHERWISE_TEXT - len, ", ");
		if (o->choices != NULL)
			len += (size_t)snprintf(text + len, LOAD_OTHERWISE_TEXT - len, "%s %s",
			        load_kind_name(k), o->choices[(unsigned)o->otherwise_of[k]]);
		else
			len += (size_t)snprintf(text + len, LOAD_OTHERWISE_TEXT - len, "%s %g",
			        load_kind_name(k), o->otherwise_of[k]);
	}
	return text;
}

double
load_option_real(const struct load_option *o, const struct load_spec *s)
{
	const uint8_t *at = (const uint8_t *)s + o->offset;
	uint32_t count;
	double real;

	if (o->store == LOAD_STORE_REAL) {
		memcpy(&real, at, sizeof(real));
		return real;
	}
	memcpy(&count, at, sizeof(count));
	return count;
}

bool
load_option_text(unsigned i, struct load_option_text *t)
{
	if (i >= LOAD_OPTIONS + LENGTH(expects))
		return false;
	if (i >= LOAD_OPTIONS) {
		*t = expects[i - LOAD_OPTIONS];
		return true;
	}
	*t = (struct load_option_text) {
	        .syntax = load_options[i].syntax,
	        .help = load_options[i].help,
	        .detail = load_options[i].detail,
	};
	load_option_default(&load_options[i], t->otherwise);
	return true;
}

void
load_options_help(FILE *f)
{
	struct load_option_text t;

	for (unsigned i = 0; load_option_text(i, &t); i++) {
		fprintf(f, "  %-*s %s", OPTION_WIDTH, t.syntax, t.help);
		if (t.otherwise[0] != '\0')
			fprintf(f, " (%s)", t.otherwise);
		fputc('\n', f);
	}
	paragraph_print(f,
	        "A missed expectation makes the exit code 1, or 2 if our own side may be the cause.",
	        PARAGRAPH_INDENT);
}
