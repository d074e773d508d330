/* SPDX-License-Identifier: BSD-3-Clause */
/* client: one core's part of a load, as a service that opens connections.
 *
 * It is given to stack_client() and lives by turn(): opens what is due, ends
 * what takes too long. Both loops begin slowly: over the warm-up the rate, or
 * the number of connections, grows evenly from nothing.
 *
 * Open loop    the k-th connection has an intended start, whatever the core
 *              and the peer can do; what cannot be opened then is opened as soon
 *              as possible, and its latency counts from the intended start.
 * Closed loop  one that has ended is replaced in the next turn; its intended
 *              start is the moment at which it is opened.
 * Sources      in sequence, or scattered: chosen at random.
 * Memory       all of it in create(): 32 bytes for each connection that may be
 *              open, and the request.
 * Threads      the instance is its core's. The main core may read the tally,
 *              and write `stop`.
 */
#ifndef APP_LOAD_CLIENT_H
#define APP_LOAD_CLIENT_H

#include "api/handfast.h"
#include "load/spec.h"
#include "load/tally.h"

/* One core's share. Borrowed for as long as create() runs. */
struct load_client_conf {
	const struct load_spec *spec; /* of all cores together */
	unsigned share, shares;       /* this core is `share` of `shares` */
	uint32_t max_conns;           /* that its stack can hold */
	uint32_t source_first;        /* host order; 0: the port's own address */
	uint32_t source_count;        /* 0 with it */
	bool scattered;
	uint64_t seed;     /* of the scattering */
	uint64_t begin_us; /* of the warm-up, on the stack's clock */
};

/* conf: struct load_client_conf. */
extern const struct hf_service load_client;

struct load_client;

const struct load_tally *load_client_tally(const struct load_client *c);

/* From any thread: open no more (and in the end, cut off those that are open). */
void load_client_stop(struct load_client *c, bool cut);
/* Nothing is open, and nothing more will be opened: the duration is over or it
 * was stopped. */
bool load_client_done(const struct load_client *c);

#endif
