/* SPDX-License-Identifier: BSD-3-Clause */
/* values: the words of a command that are not keywords: addresses, numbers,
 * names.
 *
 * A slot (slots.def, and the options of `load`) is a place in a syntax; its type says how the
 * word is read.
 *
 * Threads    the table of slots is read-only.
 * Ownership  a value holds its own text.
 * Errors     -EINVAL, and why in words.
 */
#ifndef APP_VALUES_H
#define APP_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/be.h"
#include "load/spec/options.h"

#define VALUE_TEXT 512

/* Each slot of a syntax has a place of its own here, whatever its type is. Those of `load`'s
 * options come first, so that they number its table, too. */
enum arg {
#define LOAD_OPTION(id, ...) ARG_LOAD_##id = LOAD_OPTION_##id,
#include "load/spec/options.def"
	ARG_LOADS, /* how many; the first of the other slots has the same number */
	ARG_BEFORE_SLOTS = ARG_LOADS - 1,
#define SLOT(id, ...) ARG_##id,
#include "command/slots.def"
	ARG_KINDS,
};

struct value {
	uint64_t number;       /* of all numbers, cut to whole ones; PREFIX: its length */
	double real;           /* of all numbers; SECONDS: seconds; MS: milliseconds */
	bool percent;          /* SHARE: of all, or N */
	be32 addr;             /* PREFIX, ADDR, ENDPOINT; RANGE: the first */
	be32 addr_last;        /* RANGE */
	be16 port;             /* ENDPOINT; PORTS: the first */
	be16 port_last;        /* PORTS */
	char text[VALUE_TEXT]; /* words, URL, STATUS, SERVICE, STATE */
};

/* The names that are known to others: NULL at the end of each. */
struct lexicon {
	const char *const *services;
	const char *const *states;
};

/* As a syntax shows it: "ADDR/LEN"; and in words: "an address and ...". */
const char *value_name(enum arg kind);
const char *value_what(enum arg kind);
/* The slot of that name in a syntax: the command's own one, or everybody's. ARG_KINDS: there is
 * none. */
enum arg value_kind(const char *syntax, const char *name, unsigned len);
/* Names that it can take, or NULL if it is not one of a few. */
const char *const *value_choices(const struct lexicon *lex, enum arg kind);

/* 0, or -EINVAL and why in at most whylen bytes: "300 is more than 255". */
int value_parse(const struct lexicon *lex, enum arg kind, const char *word, struct value *out,
        char *why, unsigned whylen);

/* "10.0.0.1" */
#define ADDR_TEXT 16
const char *addr_text(be32 addr, char text[ADDR_TEXT]);

#endif
