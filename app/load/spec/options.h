/* SPDX-License-Identifier: BSD-3-Clause */
/* options: the table of a load's options, and the texts that derive from a row.
 *
 * The rows are in options.def. Expectations have their own table (expectation.h).
 *
 * Threads    read-only.
 * Ownership  texts are static.
 * Errors     none.
 */
#ifndef APP_LOAD_SPEC_OPTIONS_H
#define APP_LOAD_SPEC_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

#include "load/spec/spec.h"
#include "text/slot.h"

enum load_option_id {
#define LOAD_OPTION(id, ...) LOAD_OPTION_##id,
#include "load/spec/options.def"
	LOAD_OPTIONS,
};

/* The type of an option's field in struct load_spec. */
enum load_store {
	LOAD_STORE_REAL,
	LOAD_STORE_COUNT,
	LOAD_STORE_TEXT,
	LOAD_STORE_STATUS,
};

/* The JSON type of a member of a report's `spec`. */
enum report_member_kind {
	REPORT_NONE, /* the option is not in the report */
	REPORT_NUMBER,
	REPORT_COUNT,
	REPORT_TEXT,
};

/* The rule for a member when reports are merged. */
enum report_merge {
	MERGE_NONE,
	MERGE_SAME,    /* reports with other values are refused */
	MERGE_SUM,     /* the sum of both; null stays null */
	MERGE_GREATER, /* the greater one */
};

struct load_member {
	const char *key;
	enum report_member_kind kind;
	enum report_merge merge;
	bool zero_is_null; /* 0 means that the load had no such value */
	bool of_http;      /* null for other kinds of load */
	int schema;        /* the first schema that has it; 0: all have it */
};

struct load_option {
	const char *syntax;
	struct slot slot;
	const char *const *choices; /* NULL-terminated; NULL: a slot follows */
	double otherwise;
	double otherwise_of[LOAD_KINDS];
	const char *otherwise_text; /* the default in words if it is not a number */
	struct load_member member;
	const char *help;
	const char *detail;
	size_t offset; /* of the field in struct load_spec */
	size_t size;   /* of the field */
	enum load_store store;
};

/* By enum load_option_id, which is also the slot. */
extern const struct load_option load_options[LOAD_OPTIONS];
/* "fin", "rst", "server": by enum load_close; NULL at the end. */
extern const char *const load_close_names[];

/* The default for one kind of load. */
double load_option_otherwise(const struct load_option *o, enum load_kind kind);
/* The default as text: "64" or "http server, tcp fin, echo fin". "": there is none. */
#define LOAD_OTHERWISE_TEXT 64
const char *load_option_default(const struct load_option *o, char text[LOAD_OTHERWISE_TEXT]);

/* The value of a numeric field. */
double load_option_real(const struct load_option *o, const struct load_spec *s);

/* The texts of one option for help and pages. */
struct load_option_text {
	const char *syntax;
	char otherwise[LOAD_OTHERWISE_TEXT]; /* the default, or "" */
	const char *help;
	const char *detail; /* or NULL */
};

/* The texts of option i, with those of `expect` last. False: there is no option i. */
bool load_option_text(unsigned i, struct load_option_text *t);
/* Prints the options for `help load`. */
void load_options_help(FILE *f);

#endif
