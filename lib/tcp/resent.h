/* SPDX-License-Identifier: BSD-3-Clause */
/* resent: the segments that each connection sent more than once, for hf_info().
 *
 * A connection without loss has no entry. A lost segment costs a look at one set of eight
 * entries. The connection's handle finds its entry. An entry is free when no connection has its
 * handle, so the end of a connection needs no call.
 *
 * Threads    single writer.
 * Memory     all of it at creation: an entry of 24 bytes for each 16 connections.
 * Errors     resent_create() returns -errno.
 * Bounds     when living connections have all eight entries of a set, further connections of
 *            that set are not counted. `refused` counts these cases.
 * Calls back? no. May end the connection? no.
 */
#ifndef TCP_RESENT_H
#define TCP_RESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESENT_WAYS 8

struct tcp;
struct tcp_conn;

struct resent {
	uint64_t handle;        /* the connection; 0: the entry is free */
	uint64_t bytes;         /* bytes of text that were sent again */
	uint32_t segments;      /* segments that were sent again, SYNs included */
	uint32_t timeouts : 31; /* times that the retransmission timer fired */
	uint32_t partial : 1;   /* counts before this entry was taken may be missing */
};

struct resents {
	struct resent *entry; /* sets of RESENT_WAYS entries */
	uint32_t sets;
	uint64_t refused;       /* counts that found no entry */
	uint32_t refused_stamp; /* clock_stamp() of the last of them */
	size_t bytes;
};

/* Returns 0 or -errno. */
int resent_create(struct resents *l, uint32_t max_conns, int node);
void resent_destroy(struct resents *l);

/* A segment of c with `bytes` of text is sent again. */
void resent_segment(struct tcp *t, const struct tcp_conn *c, uint32_t bytes);
/* The retransmission timer has fired (RFC 6298 5.4). */
void resent_timeout(struct tcp *t, const struct tcp_conn *c);
/* May counts of c be missing? They may if an entry was refused since c was opened. */
bool resent_is_partial(const struct tcp *t, const struct tcp_conn *c);
/* The counts of c. NULL: there are none. */
const struct resent *resent_find(const struct tcp *t, const struct tcp_conn *c);

#endif
