/* SPDX-License-Identifier: BSD-3-Clause */
/* client: one core's part of a load, as a service that opens connections.
 *
 * It is given to stack_client() and lives by turn(): opens what is due, ends
 * what takes too long, asks what is to be asked next. Both loops begin slowly: over the warm-up
 * the rate, or the number of connections, grows evenly from nothing.
 *
 * Open loop    the k-th connection has an intended start, whatever the core
 *              and the peer can do; what cannot be opened then is opened as soon
 *              as possible, and its latency counts from the intended start.
 * Closed loop  one that has ended is replaced in the same turn, or as soon as
 *              possible; its intended start is the moment at which its place was free.
 * End          behind the window nothing is opened, and nothing more is asked: the
 *              request under way is finished, and its connection closed in order.
 * Time         a request has the timeout for itself; the first one's includes the
 *              handshake, the last one's the close. Time in which the core does not run
 *              is not counted: what came was not heard.
 * Idle ends    a server may end a connection between two requests: the rest is asked
 *              on another one, as a part of the same (RFC 9112 9.3.1). Each must
 *              bring an answer, so there is an end to that.
 * Sources      in sequence, or scattered: chosen at random.
 * Failures     what hf_connect() refuses for want of a port or of a way counts as
 *              attempted and as an error, and the core opens no more for a
 *              millisecond; for want of room it is put off to the next turn.
 * Memory       all of it in create(): 32 bytes for each connection that may be
 *              open; beside them 24 with http, 8 with echo, touched by answers of more
 *              than a segment and connections of several requests; the request.
 * Threads      the instance is its core's. Any thread may read the tally, stop it
 *              and ask whether it is done.
 * Errors       create(): -EINVAL for an echo of nothing or a share that is none.
 */
#ifndef APP_LOAD_CLIENT_H
#define APP_LOAD_CLIENT_H

#include "handfast/handfast.h"
#include "load/client/tally.h"
#include "load/spec/spec.h"

/* One core's share. Borrowed for as long as create() runs. A timeout counts as at most 35
 * minutes, and 0 as that. */
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

/* From any thread: when its last turn began, and so far its tally is complete; 0: it had none.
 */
uint64_t load_client_turned_us(const struct load_client *c);
/* From any thread: open no more (and in the end, cut off those that are open). */
void load_client_stop(struct load_client *c, bool cut);
/* From any thread: nothing is open, and nothing more will be opened: the duration
 * is over or it was stopped. */
bool load_client_done(const struct load_client *c);

#endif
