/* SPDX-License-Identifier: BSD-3-Clause */
/* slot: what may stand in one place of a command: how the word is read, and its bounds.
 *
 * Threads    plain data.
 * Ownership  texts are static.
 */
#ifndef APP_SLOT_H
#define APP_SLOT_H

/* What a word is read as. */
enum value_type {
	VALUE_WORDS, /* none: keywords stand there */
	VALUE_COUNT, /* digits */
	VALUE_WHOLE, /* as a rate, without a fraction */
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
	const char *name; /* in a syntax: "ADDR/LEN" */
	const char *what; /* in words */
	enum value_type type;
	double least; /* bounds of a number */
	double most;
	const char *command; /* the first word of the only command that has it; NULL: all */
};

#endif
