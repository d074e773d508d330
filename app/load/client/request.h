/* SPDX-License-Identifier: BSD-3-Clause */
/* request: the bytes that a load's connections send. They are made once. Each request is
 * contiguous and goes out with one hf_send(), without a copy.
 *
 * The payload is the same for all, and each of its bytes depends on its place: it is a stream
 * of random numbers from a fixed seed. So a comparison finds swapped, lost and repeated bytes.
 *
 * Threads    its core's.
 * Ownership  the bytes live until request_free(), and do not change.
 * Memory     on the heap: the payload and 512 bytes, twice if requests differ.
 * Errors     -ENOMEM.
 */
#ifndef APP_LOAD_REQUEST_H
#define APP_LOAD_REQUEST_H

#include "load/spec/spec.h"

struct request_text {
	const uint8_t *bytes;
	uint32_t len;
};

struct request {
	struct request_text more; /* a request that others follow */
	struct request_text last; /* the last request of a connection */
	uint8_t *memory;
};

/* 0 or -ENOMEM. */
int request_make(struct request *r, const struct load_spec *spec);
void request_free(struct request *r);

#endif
