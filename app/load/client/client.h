/* SPDX-License-Identifier: BSD-3-Clause */
/* client: one core's part of a load, as a service that opens connections.
 *
 * The client is given to stack_client(), and turn() drives it: it opens connections that are
 * due, ends those that take too long, and sends the next requests. Both loops begin slowly:
 * the rate, or the number of connections, grows evenly from 0 over the warm-up.
 *
 * Open loop    the k-th connection has an intended start, whatever the core and the peer can
 *              do. If it cannot be opened then, it is opened as soon as possible, and its
 *              latency counts from the intended start.
 * Closed loop  a connection that has ended is replaced in the same turn, or as soon as
 *              possible. The intended start is the moment at which the place became free.
 * End          after the window nothing is opened and no request is sent. A request that was
 *              sent is finished, and its connection is closed in order.
 * Time         each request has the whole timeout. That of the first one includes the
 *              handshake, that of the last one the close. Time in which the core does not run
 *              does not count, since what arrived then was not handled.
 * Idle ends    a server may end a connection between two requests. The rest is sent on
 *              another connection, and counts as a part of the same (RFC 9112 9.3.1). Each of
 *              them must bring an answer, so their number is bounded.
 * Sources      in sequence, or at random.
 * Threads      the instance is its core's. Any thread may read the tally, stop the client and
 *              ask whether it is done.
 * Memory       all of it in create(): 32 bytes for each connection that may be open, the
 *              request, and for each connection 24 bytes with http or 8 with echo, which only
 *              answers of several segments and connections of several requests use.
 * Errors       create(): -EINVAL for an echo without payload or an invalid share. If
 *              hf_connect() finds no port or no route, the connection counts as
 *              attempted and as an error, and the core opens no more for a millisecond. If
 *              there is no room, the connection is put off to the next turn.
 * Bounds       LOAD_OPENS_A_TURN connections are opened in a turn; max_conns are open.
 */
#ifndef APP_LOAD_CLIENT_H
#define APP_LOAD_CLIENT_H

#include "handfast/handfast.h"
#include "load/client/tally.h"
#include "load/spec/spec.h"

/* One core's share, borrowed while create() runs. A timeout of 0, or above 35 minutes, counts
 * as 35 minutes. */
struct load_client_conf {
	const struct load_spec *spec; /* of all cores together */
	unsigned share;               /* this core's number, below `shares` */
	unsigned shares;              /* cores in all */
	uint32_t max_conns;           /* connections that the core's stack can hold */
	uint32_t source_first;        /* host order; 0: the port's own address */
	uint32_t source_count;        /* 0 if source_first is 0 */
	bool scattered;               /* sources are chosen at random */
	uint64_t seed;                /* of the random choice */
	uint64_t begin_us;            /* of the warm-up, on the stack's clock */
};

/* conf: struct load_client_conf. */
extern const struct hf_service load_client;

struct load_client;

const struct load_tally *load_client_tally(const struct load_client *c);

/* From any thread: the beginning of the last turn, up to which the tally is complete. 0: there
 * was no turn. */
uint64_t load_client_turned_us(const struct load_client *c);
/* From any thread: open no more connections. `cut`: reset the open ones, too. */
void load_client_stop(struct load_client *c, bool cut);
/* From any thread: the duration is over or the client was stopped, no connection is open, and
 * none will be opened. */
bool load_client_done(const struct load_client *c);

#endif
