/* SPDX-License-Identifier: BSD-3-Clause */
/* client: a cheap TCP client for measuring servers in the same process.
 *
 * It speaks by rote: SYN; on SYN-ACK the request, on the ACK of the handshake;
 * on the response with FIN, ACK and FIN; on the last ACK the connection counts
 * as done, and the next one begins in the same packet buffer. Frames are copies
 * of templates with a few fields written and the checksums mended.
 *
 * Honesty    sequence and acknowledgment numbers, flags and lengths of every
 *            segment are checked, checksums and content of every 64th
 *            connection. Only a whole exchange counts. What is lost is sent
 *            again after 200 ms and counted.
 * Tuples     each connection has a new address and port: 1.08 * 10^12 of them
 *            before one is used again. At random, one may be met again that is
 *            in TIME-WAIT; if the server says so, the client takes another.
 * Threads    one thread. The rings are the wire: single producer and consumer.
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
	unsigned conns; /* at the same time */
	uint8_t server_mac[ETH_ALEN];
	uint8_t our_mac[ETH_ALEN];
	be32 server_ip;
	be32 our_ip; /* the server's gateway: behind it are all clients */
	be16 server_port;
	const char *request; /* shorter than 1,400 bytes */
	const uint8_t *response;
	uint32_t response_len;
	bool linux_options;   /* timestamps, SACK, window scale; else MSS alone */
	uint64_t first_tuple; /* connections before, whose tuples may be in TIME-WAIT */
	bool scattered;       /* random addresses and ports, instead of in sequence */
	bool offload;         /* nobody makes or checks checksums */
	bool lossy;           /* what the ring does not take is lost; else it waits */
	unsigned give_up_ms;  /* an attempt that takes longer has failed; 0: one with too
	                         many repetitions */
};

struct client_stats {
	uint64_t done;
	uint64_t retransmits;
	uint64_t given_up;
	uint64_t lost;        /* segments that the ring did not take */
	uint64_t longest_tsc; /* attempt, from its first SYN to its end */
	uint64_t stray;       /* segments of no connection of ours */
	uint64_t resets;      /* in the middle of a connection */
	uint64_t extra;       /* pure ACKs and other segments that the exchange does not need */
	uint64_t wrong;       /* fields, lengths, checksums or content not as they must be */
	uint64_t received;
	uint64_t sent;
	const char *first_wrong; /* NULL: nothing */
};

/* NULL: no memory. */
struct client *client_create(const struct client_conf *conf);
/* Buffers in the rings are not the client's. */
void client_destroy(struct client *c);

/* Take a burst, answer it. */
void client_turn(struct client *c, uint64_t tsc);

/* The first_tuple of the client that comes after this one. */
uint64_t client_next_tuple(const struct client *c);

/* For how long the oldest attempt has been under way. */
uint64_t client_oldest_tsc(const struct client *c, uint64_t tsc);

const struct client_stats *client_stats(const struct client *c);

#endif
