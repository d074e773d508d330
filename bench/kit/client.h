/* SPDX-License-Identifier: BSD-3-Clause */
/* client: a cheap TCP client for measuring servers in the same process.
 *
 * The client follows a fixed script. It sends a SYN. It answers the SYN-ACK with the
 * request, which carries the ACK of the handshake. It answers the response, which carries
 * the server's FIN, with ACK and FIN. On the last ACK the connection counts as done, and
 * the next one begins in the same packet buffer. Frames are copies of templates with a few
 * fields filled in and the checksums updated.
 *
 * Threads    one thread. The rings are the wire: single producer and consumer.
 * Ownership  the client owns the packets that it holds. A packet in a ring belongs to the
 *            reader of that ring. Rings, pool, request and response are borrowed.
 * Memory     one block at creation: 32 bytes for each connection at a time.
 * Errors     NULL without memory. Faults of the server are counted in struct client_stats.
 * Bounds     CLIENT_CONNS_MAX connections at a time.
 * Honesty    sequence and acknowledgment numbers, flags and lengths of every segment are
 *            checked. Checksums and content of every 64th connection are checked. Only a
 *            whole exchange counts. A lost segment is sent again after 200 ms, and
 *            counted.
 * Tuples     each connection has a new address and port. The sequence holds 1.08 * 10^12
 *            of them before one is used again. A random tuple may still be in TIME-WAIT;
 *            if the server says so, the client takes another one.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/headers.h"

#define CLIENT_CONNS_MAX (1u << 20)

struct rte_mempool;
struct rte_ring;
struct client;

struct client_conf {
	struct rte_ring *to_server;
	struct rte_ring *from_server;
	struct rte_mempool *pool;
	unsigned conns; /* open at the same time */
	uint8_t server_mac[ETH_ALEN];
	uint8_t our_mac[ETH_ALEN];
	be32 server_ip;
	be32 our_ip; /* the server's gateway, with all clients behind it */
	be16 server_port;
	const char *request; /* shorter than 1,400 bytes */
	const uint8_t *response;
	uint32_t response_len;
	bool linux_options;   /* timestamps, SACK, window scale; else MSS alone */
	uint64_t first_tuple; /* tuples that earlier clients used, possibly in TIME-WAIT */
	bool scattered;       /* random addresses and ports, instead of in sequence */
	bool offload;         /* no side makes or verifies checksums */
	bool lossy;           /* a full ring loses segments; else they wait */
	unsigned give_up_ms;  /* an attempt that takes longer has failed; 0: an attempt with
	                         8 repetitions in a row has failed */
};

struct client_stats {
	uint64_t done;
	uint64_t retransmits;
	uint64_t given_up;
	uint64_t lost;        /* segments that the ring did not take */
	uint64_t longest_tsc; /* the longest attempt, from its first SYN to its end */
	uint64_t stray;       /* segments that belong to no connection of the client */
	uint64_t resets;      /* connections that the server reset */
	uint64_t extra;       /* pure ACKs and other segments that the exchange does not need */
	uint64_t wrong;       /* faults of fields, lengths, checksums or content */
	uint64_t received;
	uint64_t sent;
	const char *first_wrong; /* NULL: no fault was found */
};

struct client *client_create(const struct client_conf *conf);
void client_destroy(struct client *c);

/* Takes a burst from the ring and answers it. */
void client_turn(struct client *c, uint64_t tsc);

/* The first_tuple for the client that follows this one. */
uint64_t client_next_tuple(const struct client *c);

/* The age of the oldest attempt that has not ended. */
uint64_t client_oldest_tsc(const struct client *c, uint64_t tsc);

const struct client_stats *client_stats(const struct client *c);

#endif
