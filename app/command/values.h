/* SPDX-License-Identifier: BSD-3-Clause */
/* values: the words of a command that are not keywords: addresses, numbers, names.
 *
 * A slot (slots.def, and the options of `load`) is a place in a syntax. Its type says how the
 * word is read.
 *
 * Threads    any: the table of slots is read-only.
 * Ownership  a value holds its own text.
 * Errors     -EINVAL, and the reason in words.
 * Bounds     a text has VALUE_TEXT - 1 bytes.
 */
#ifndef APP_VALUES_H
#define APP_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/be.h"
#include "load/spec/options.h"

#define VALUE_TEXT 512

/* Each slot of a syntax has a number of its own, whatever its type is. The slots of `load`'s
 * options come first, so that the number is also the index in the table of options. */
enum arg {
#define LOAD_OPTION(id, ...) ARG_LOAD_##id = LOAD_OPTION_##id,
#include "load/spec/options.def"
	ARG_LOADS, /* the number of options; the first of the other slots has the same value */
	ARG_BEFORE_SLOTS = ARG_LOADS - 1,
#define SLOT(id, ...) ARG_##id,
#include "command/slots.def"
	ARG_KINDS,
};

struct value {
	uint64_t number;       /* a number without its fraction; PREFIX: the length */
	double real;           /* a number; SECONDS: in seconds; MS: in milliseconds */
	bool percent;          /* SHARE: the number is a percentage */
	be32 addr;             /* PREFIX, ADDR, ENDPOINT; RANGE: the first */
	be32 addr_last;        /* RANGE */
	be16 port;             /* ENDPOINT; PORTS: the first */
	be16 port_last;        /* PORTS */
	char text[VALUE_TEXT]; /* VALUE_TEXT_WORD, URL, STATUS, SERVICE, STATE */
};

/* Names that a higher floor knows; NULL ends each list. */
struct lexicon {
	const char *const *services;
	const char *const *states;
};

/* The name in a syntax: "ADDR/LEN". */
const char *value_name(enum arg kind);
/* The meaning in words: "an address and ...". */
const char *value_what(enum arg kind);
/* The slot of that name in a syntax: the command's own one, otherwise the common one.
 * ARG_KINDS: no slot has the name. */
enum arg value_kind(const char *syntax, const char *name, unsigned len);
/* The names that a value can be, or NULL if it is not a name from a list. */
const char *const *value_choices(const struct lexicon *lex, enum arg kind);

/* Returns 0, or -EINVAL and the reason in at most whylen bytes: "300 is more than 255". */
int value_parse(const struct lexicon *lex, enum arg kind, const char *word, struct value *out,
        char *why, unsigned whylen);

/* "10.0.0.1" */
#define ADDR_TEXT 16
const char *addr_text(be32 addr, char text[ADDR_TEXT]);

#endif
