/* SPDX-License-Identifier: BSD-3-Clause */
/* client: a small TCP, written without a look at lib/tcp, which talks to it.
 *
 * It opens, sends a stream in segments of any size, and receives one into a bounded buffer that
 * its application reads at its own pace. It closes before, with or after the server, or resets.
 * It repeats text without an ACK from SND.UNA on, in other pieces than before. Once done, it
 * answers for ever, as in a TIME-WAIT without end. Once gone, it answers with RST. */
#ifndef TESTS_SIM_CLIENT_H
#define TESTS_SIM_CLIENT_H

#include "judge.h"
#include "stack/rig.h"

enum client_close {
	CLOSE_WITH_DATA,   /* FIN as soon as all is sent */
	CLOSE_AFTER_INPUT, /* FIN once all that is expected has come */
	CLOSE_LAST,        /* FIN after the server's */
};

struct client_conf {
	be32 ip;
	uint16_t port, server_port; /* host order */
	bool ts, sack, wscale;
	uint8_t shift;
	uint16_t mss;                       /* 0: no option */
	uint32_t room;                      /* receive buffer */
	uint32_t read_every_ms, read_bytes; /* 0: at once, all */
	uint32_t delay_ack_ms;
	uint32_t burst;             /* segments in flight at most */
	uint32_t max_len;           /* of a segment */
	uint32_t send, send_at;     /* the stream out: bytes, where it lies */
	uint32_t expect, expect_at; /* the stream in */
	enum client_close close;
	uint32_t abort_at; /* reset after this number of bytes in and out; UINT32_MAX: never */
	bool syn_data;
	bool urgent;
};

enum client_state {
	CLIENT_SYN_SENT,
	CLIENT_OPEN,
	CLIENT_GONE, /* reset, by whomever */
};

struct client {
	struct client_conf conf;
	struct rng rng;
	enum client_state state;
	bool was_reset, aborted;

	uint32_t iss, snd_una, snd_nxt, snd_max, snd_wnd, snd_wl1, snd_wl2;
	uint8_t snd_shift, rcv_shift;
	bool use_ts, use_sack;
	uint16_t mss; /* text that the server takes in a segment, options subtracted */
	unsigned backoff;
	bool rst_at_una; /* the last RST's place */
	uint64_t rto_at; /* us; 0: not running */

	uint32_t irs, rcv_adv, ts_recent, last_ack_sent, ts_offset;
	uint8_t *have;              /* of each byte expected: is it here? */
	uint32_t in, read, highest; /* offsets: complete up to, read up to, seen up to */
	uint32_t fin_at;            /* offset of the server's FIN; UINT32_MAX: not seen */
	bool peer_fin, ack_now;
	uint64_t ack_at, read_at, probe_at;

	struct judge judge;
	void *ctx;
	void (*says)(void *ctx, struct client *c, const uint8_t *frame, unsigned len);
};

void client_start(
        struct client *c, const struct client_conf *conf, uint64_t seed, uint64_t now_us);
void client_free(struct client *c);
void client_input(struct client *c, const struct seg *s, uint64_t now_us);
/* The effects of time: reading, delayed ACKs, repetition. */
void client_tick(struct client *c, uint64_t now_us);
/* When client_tick() has something to do at the latest, but for probes of an idle server. */
uint64_t client_next_us(const struct client *c);
/* Both FINs are acknowledged, and all has been read. */
bool client_is_done(const struct client *c);

#endif
