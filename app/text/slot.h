/* SPDX-License-Identifier: BSD-3-Clause */
/* slot: the argument at one place of a command: the type of its value, and its bounds.
 *
 * Threads    constant data; any.
 * Ownership  the texts are static.
 */
#ifndef APP_SLOT_H
#define APP_SLOT_H

/* How the word is read. */
enum value_type {
	VALUE_WORDS, /* keywords; there is no value to read */
	VALUE_COUNT, /* digits */
	VALUE_WHOLE, /* a number with a unit, as a rate has, without a fraction */
	VALUE_RATE,
	VALUE_SECONDS,
	VALUE_MS,
	VALUE_BYTES,
	VALUE_SHARE,
	VALUE_ADDR,
	VALUE_PREFIX,
	VALUE_ENDPOINT,
	VALUE_RANGE,
	VALUE_PORTS,
	VALUE_TEXT_WORD,
	VALUE_URL,
	VALUE_STATUS,
	VALUE_SERVICE,
	VALUE_STATE,
};

struct slot {
	const char *name; /* in the syntax of a command: "ADDR/LEN" */
	const char *what; /* the meaning, in words */
	enum value_type type;
	double least;        /* the lower bound of a number */
	double most;         /* the upper bound of a number */
	const char *command; /* the first word of the only command that has it; NULL: all */
};

#endif
