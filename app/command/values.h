/* SPDX-License-Identifier: BSD-3-Clause */
/* values: the words of a command that are not keywords: addresses, numbers,
 * names. */
#ifndef APP_VALUES_H
#define APP_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/be.h"

#define VALUE_TEXT 512

enum arg {
	ARG_PORT,
	ARG_PREFIX,
	ARG_ADDR,
	ARG_ENDPOINT,
	ARG_PEER,
	ARG_LOCAL,
	ARG_SERVICE,
	ARG_BYTES,
	ARG_PATH,
	ARG_FILE,
	ARG_SECONDS,
	ARG_WAIT,
	ARG_STATE,
	ARG_COUNT,
	ARG_PACKETS,
	ARG_RANGE,
	ARG_PORTS,
	ARG_URL,
	ARG_CPS,
	ARG_CONNS,
	ARG_DURATION,
	ARG_WARMUP,
	ARG_REQUESTS,
	ARG_MS,
	ARG_PAGE,
	ARG_LEAST,
	ARG_MOST,
	ARG_SHARE,
	ARG_STATUS,
	ARG_COMMAND, /* the rest of the line */
	ARG_KINDS,
};

struct value {
	uint64_t number; /* PORT, BYTES, SECONDS, COUNT, PACKETS, CONNS, REQUESTS;
	                    PREFIX: its length */
	double real;     /* CPS, LEAST; DURATION, WARMUP, WAIT: seconds; MS, MOST: ms; SHARE */
	bool percent;    /* SHARE: of all, or so many */
	be32 addr;       /* PREFIX, ADDR, ENDPOINT, PEER, LOCAL; RANGE: the first */
	be32 addr_last;  /* RANGE */
	be16 port;       /* ENDPOINT, PEER, LOCAL; PORTS: the first */
	be16 port_last;  /* PORTS */
	char text[VALUE_TEXT]; /* SERVICE, PATH, FILE, STATE, URL, PAGE, STATUS, COMMAND */
};

/* The names that are known to others: NULL at the end of each. */
struct lexicon {
	const char *const *services;
	const char *const *states;
};

/* As a syntax shows it: "ADDR/LEN"; and in words: "an address and ...". */
const char *value_name(enum arg kind);
const char *value_what(enum arg kind);
/* ARG_KINDS if there is none of that name. */
enum arg value_kind(const char *name, unsigned len);
/* Names that it can take, or NULL if it is not one of a few. */
const char *const *value_choices(const struct lexicon *lex, enum arg kind);

/* 0, or -EINVAL and why in at most whylen bytes: "300 is more than 255". */
int value_parse(const struct lexicon *lex, enum arg kind, const char *word, struct value *out,
        char *why, unsigned whylen);

/* "10.0.0.1" */
#define ADDR_TEXT 16
const char *addr_text(be32 addr, char text[ADDR_TEXT]);

#endif
