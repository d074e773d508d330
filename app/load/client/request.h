/* SPDX-License-Identifier: BSD-3-Clause */
/* request: what a load's connections send, made once: each request is contiguous
 * and goes out with one hf_send(), from where it stands.
 *
 * The payload is the same everywhere, and each of its bytes depends on its
 * place (a stream of random numbers from a fixed seed): bytes that were swapped,
 * lost or repeated do not compare.
 *
 * Ownership  the bytes live until request_free(), and do not change.
 */
#ifndef APP_LOAD_REQUEST_H
#define APP_LOAD_REQUEST_H

#include "load/spec/spec.h"

struct request_text {
	const uint8_t *bytes;
	uint32_t len;
};

struct request {
	struct request_text more; /* with further ones behind it */
	struct request_text last; /* on its connection */
	uint8_t *memory;
};

/* 0 or -ENOMEM. */
int request_make(struct request *r, const struct load_spec *spec);
void request_free(struct request *r);

#endif
