/* SPDX-License-Identifier: BSD-3-Clause */
/* resent: what was sent more than once, by connection, for hf_info().
 *
 * A connection without loss has no entry, and a lost segment costs a look at one set of eight
 * entries. An entry is found by the connection's handle, so the end of a connection need not
 * say anything: an entry whose handle names nobody is free.
 *
 * Threads    single writer.
 * Memory     all of it at creation: an entry of 24 bytes for each 16 connections.
 * Bounds     where all eight entries of a set are taken by living connections, further ones of
 *            that set are not counted, and `refused` says how often that was.
 * Calls back? No. May end the connection? No.
 */
#ifndef TCP_RESENT_H
#define TCP_RESENT_H

#include <stddef.h>
#include <stdint.h>

#define RESENT_WAYS 8

struct tcp;
struct tcp_conn;

struct resent {
	uint64_t handle;   /* of the connection; 0: free */
	uint64_t bytes;    /* of text */
	uint32_t segments; /* SYNs among them */
	uint32_t timeouts;
};

struct resents {
	struct resent *entry; /* sets of RESENT_WAYS */
	uint32_t sets;
	uint64_t refused;
	size_t bytes;
};

/* 0 or -errno. */
int resent_create(struct resents *l, uint32_t max_conns, int node);
void resent_destroy(struct resents *l);

/* A segment of c with so many bytes of text goes out again. */
void resent_segment(struct tcp *t, const struct tcp_conn *c, uint32_t bytes);
/* The retransmission timer has fired (RFC 6298 5.4). */
void resent_timeout(struct tcp *t, const struct tcp_conn *c);
/* NULL: nothing is counted. */
const struct resent *resent_find(const struct tcp *t, const struct tcp_conn *c);

#endif
