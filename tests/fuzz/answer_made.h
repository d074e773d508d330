/* SPDX-License-Identifier: BSD-3-Clause */
/* answer_made: an answer that RFC 9112 allows, made by some bytes, and the facts about it.
 * Behind it stand some of the bytes, which are not part of it. */
#ifndef FUZZ_ANSWER_MADE_H
#define FUZZ_ANSWER_MADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_MADE_MOST 32768

struct answer_made {
	unsigned status;
	uint64_t body;
	uint32_t end; /* where it ends */
	bool closes;
	bool until_close; /* the peer's FIN is its end */
	uint32_t len;     /* with the bytes behind it */
	char bytes[ANSWER_MADE_MOST];
};

/* On the heap. */
struct answer_made *answer_make(const uint8_t *data, size_t size);

#endif
