/* SPDX-License-Identifier: BSD-3-Clause */
/* client_frames: templates of the segments that a client sends, complete but for a few fields.
 *
 * Threads  templates are made once, and then only read.
 * Memory   none is allocated; a frame needs room for TEMPLATE_MAX bytes.
 * Bounds   headers and text together have up to TEMPLATE_MAX bytes.
 */
#ifndef BENCH_CLIENT_FRAMES_H
#define BENCH_CLIENT_FRAMES_H

#include "client.h"

enum say {
	SAY_SYN,
	SAY_REQUEST, /* carries the handshake's ACK */
	SAY_ACK,
	SAY_FIN,
	SAY_COUNT
};

#define TEMPLATE_MAX 1536

struct template
{
	uint16_t len;
	uint16_t ts; /* offset of TSval; 0: no timestamps */
	bool offload;
	uint64_t ip_sum;  /* the IPv4 header's sum without its source */
	uint64_t tcp_sum; /* the TCP sum without the fields that template_write() fills in */
	uint8_t bytes[TEMPLATE_MAX];
};

/* The fields that change from segment to segment. */
struct fill {
	be32 addr;
	be16 port;
	uint32_t seq;
	uint32_t ack;
	uint32_t tsval;
	uint32_t tsecr;
};

enum template_options {
	TEMPLATE_NONE,
	TEMPLATE_MSS,
	TEMPLATE_LINUX, /* for a SYN: MSS, SACK-permitted, timestamps, window scale */
	TEMPLATE_TS,
};

/* The kind of a segment. */
struct template_shape {
	uint8_t flags;
	enum template_options options;
	const char *text; /* NULL: none */
};

/* Takes from conf the addresses, the server's port, and whether checksums are left out. */
void template_make(
        struct template *t, const struct template_shape *shape, const struct client_conf *conf);
/* Makes the templates of all segments that the client sends. */
void templates_make(struct template t[SAY_COUNT], const struct client_conf *conf);
/* Returns the frame's length. */
unsigned template_write(const struct template *t, uint8_t *frame, const struct fill *f);

/* Finds TSval at any place in a TCP header of `header` bytes. False: it has none. */
bool frame_timestamp(const struct tcp_hdr *tcp, unsigned header, uint32_t *tsval);

/* Turns an ARP request for our address into its reply, in place. False: it is no such
 * request. */
bool frame_answer_arp(uint8_t *frame, unsigned len, const struct client_conf *conf);

#endif
