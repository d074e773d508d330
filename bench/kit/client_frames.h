/* SPDX-License-Identifier: BSD-3-Clause */
/* client_frames: segments that a client says, ready but for a few fields. */
#ifndef BENCH_CLIENT_FRAMES_H
#define BENCH_CLIENT_FRAMES_H

#include "client.h"

enum say {
	SAY_SYN,
	SAY_REQUEST, /* with the handshake's ACK */
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
	uint64_t ip_sum;  /* of the IPv4 header without its source */
	uint64_t tcp_sum; /* of the rest without what template_write() fills in */
	uint8_t bytes[TEMPLATE_MAX];
};

/* What changes from segment to segment. */
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
	TEMPLATE_LINUX, /* a SYN's: MSS, SACK-permitted, timestamps, window scale */
	TEMPLATE_TS,
};

/* What kind of segment it is. */
struct template_shape {
	uint8_t flags;
	enum template_options options;
	const char *text; /* NULL: none */
};

/* Of conf: addresses, the server's port, and whether checksums are left out. */
void template_make(
        struct template *t, const struct template_shape *shape, const struct client_conf *conf);
/* All that the client says. */
void templates_make(struct template t[SAY_COUNT], const struct client_conf *conf);
/* Returns the frame's length. */
unsigned template_write(const struct template *t, uint8_t *frame, const struct fill *f);

/* TSval of a header that is so long, wherever it stands; false: it has none. */
bool frame_timestamp(const struct tcp_hdr *tcp, unsigned header, uint32_t *tsval);

/* Turn a request for our address into the answer, in place; false: it is none. */
bool frame_answer_arp(uint8_t *frame, unsigned len, const struct client_conf *conf);

#endif
