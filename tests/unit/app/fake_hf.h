/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_hf: the public API without a stack under it. It keeps the bytes that a service sends. It
 * is as strict as the contract: queued bytes must be unchanged when they are acknowledged, and
 * each buffer has one owner. */
#ifndef TESTS_FAKE_HF_H
#define TESTS_FAKE_HF_H

#include <stddef.h>

#include "handfast/handfast.h"

struct hf_core {
	uint64_t now_us;
	int descriptors;       /* left for hf_send() and hf_send_buf() */
	int bufs;              /* left for hf_keep() and hf_buf_alloc() */
	int bufs_out;          /* buffers that are held */
	uint64_t drain_end_us; /* 0: it does not drain */
};

#define FAKE_PIECES 256

struct fake_piece {
	const uint8_t *at;
	uint32_t len;
	struct hf_buf *buf;
};

struct hf_conn {
	struct hf_core *h;
	const struct hf_service *service;
	void *self;
	void *ctx;
	uint8_t *out; /* all that was ever queued */
	size_t out_len, out_room;
	struct fake_piece piece[FAKE_PIECES]; /* not acknowledged, the oldest first */
	unsigned pieces;
	uint32_t unacked;
	unsigned sends;
	bool shut, closed, lingers, aborted;
	uint32_t recv_room; /* UINT32_MAX: never set */
	const uint8_t *in;  /* during data() */
	uint32_t in_len;
	bool kept;
	uint64_t deadline_us; /* 0: none */
	struct hf_addr peer;
};

#define FAKE_MANY 1000000

struct hf_core fake_core(void);
/* On the heap; opened() has been called. */
struct hf_conn *fake_open(struct hf_core *h, const struct hf_service *service, void *self);
/* Call data(); returns the number of bytes taken. The bytes lie in memory of exactly their
 * length. */
uint32_t fake_data(struct hf_conn *c, const void *bytes, uint32_t len);
/* The peer acknowledges N bytes: room(). */
void fake_ack(struct hf_conn *c, uint32_t bytes);
void fake_ack_all(struct hf_conn *c);
void fake_peer_closed(struct hf_conn *c);
/* The stack drains from now on, and it will last so long: draining(). */
void fake_drain(struct hf_conn *c, uint32_t ms);
/* Time passes, and with it c's deadline if it has one. */
void fake_wait(struct hf_conn *c, uint64_t ms);
/* closed(), and the connection's memory is gone. */
void fake_end(struct hf_conn *c, enum hf_reason why);
/* All of len gets in, as retransmissions and acknowledgements would bring it. */
void fake_data_all(struct hf_conn *c, const void *bytes, uint32_t len);

#endif
