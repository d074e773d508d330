/* SPDX-License-Identifier: BSD-3-Clause */
/* rig: a stack with memory under it in place of an engine.
 *
 * Ownership  every frame lies in an allocation of its own, of exactly its size
 *            (and `slack` more where a test wants room for an answer). So ASan sees each byte
 *            that is read or written behind it. The rig counts the buffers that are not back.
 * Output     frames are parsed again as a peer would, so every checksum is verified.
 *            Work that was left to a port counts as done. */
#ifndef TESTS_STACK_RIG_H
#define TESTS_STACK_RIG_H

#include "stack/stack.h"
#include "wire/build.h"
#include "wire/parse.h"

#define RIG_OUTS  1024
#define RIG_INPUT 512
#define RIG_PORTS 2
#define RIG_MTU   1500

struct rig_out {
	struct seg seg;
	enum drop parsed; /* the parser's verdict about it */
	uint8_t port;
	uint8_t offload;
	bool stranger;
	bool in_place; /* in the buffer of a frame that arrived */
	uint16_t room; /* the buffer's */
};

struct rig {
	struct stack *st;
	struct clock now;
	unsigned bufs;       /* lent or moved, and not given back */
	int allocs_left;     /* -1: no limit */
	uint16_t room;       /* of a buffer that is lent */
	uint16_t slack;      /* bytes behind an arriving frame */
	uint8_t csum_ok;     /* SEG_CSUM_*: the checksums that the ports verify */
	unsigned accepts;    /* frames that a transmit call takes, the rest is lost */
	unsigned transmits;  /* calls */
	uint32_t backlogged; /* ports that keep frames for later, as they say */
	unsigned handed;     /* segments to other cores */
	unsigned handed_to;  /* the last one's */
	uint8_t handed_round;
	bool inbox_full; /* other cores take none */
	struct seg in[RIG_INPUT];
	unsigned nin;
	struct rig_out out[RIG_OUTS];
	unsigned nout, next;
	/* If set, it sees the frames instead of out[]. */
	void (*sees)(void *ctx, const struct rig_out *o);
	void *ctx;
};

/* Ours on port 0: 10.0.0.2/24, on port 1: 10.0.1.2/24. A MAC and RIG_MTU; all else is 0. */
extern const struct stack_port rig_ports[RIG_PORTS];
extern const uint8_t rig_peer_mac[ETH_ALEN];

be32 rig_ip(unsigned a, unsigned b, unsigned c, unsigned d);

/* On the heap. conf NULL: small and quick. Aborts on a failure. */
struct rig *rig_new(const struct stack_conf *conf, uint64_t now_us);
/* rig_new() with other ports than rig_ports. */
struct rig *rig_new_with(const struct stack_conf *conf, uint64_t now_us,
        const struct stack_port ports[RIG_PORTS]);
/* Destroys the stack; returns the buffers that it has lost. */
unsigned rig_free(struct rig *r);

/* Push one more frame for the next turn. Returns the parser's verdict. */
enum drop rig_push(struct rig *r, uint8_t port, const void *bytes, unsigned len);
/* A turn, now. */
bool rig_turn(struct rig *r);
/* A turn, now. The pushed frames come from another core. */
void rig_turn_shared(struct rig *r);
/* Turns, a millisecond apart. */
void rig_wait(struct rig *r, uint32_t ms);
/* The next frame that was sent, NULL if there is none. Good until rig_forget(). */
const struct rig_out *rig_next(struct rig *r);
void rig_forget(struct rig *r);

uint64_t rig_drops(const struct rig *r, enum drop why);
/* All zero but the memory. */
bool rig_is_idle(const struct rig *r);

/* The events of a service of the rig; `conf` of stack_listen(). */
struct rig_log {
	unsigned opened, closed, peer_closed;
	uint32_t bytes;
	enum hf_reason why;
	uint32_t send; /* rig_source: bytes of rig_stream that it sends once opened */
	struct hf_core *core;
	struct hf_conn *conn; /* the one opened last */
};

extern const struct hf_service rig_quiet;  /* takes all, closes when the peer does */
extern const struct hf_service rig_answer; /* "hello" to the first bytes, and close */
extern const struct hf_service rig_source;
#define RIG_STREAM 65536
extern uint8_t rig_stream[RIG_STREAM];

/* Port in host order, any address. */
void rig_listen(struct rig *r, uint16_t port, const struct hf_service *s, struct rig_log *log);

/* A segment of a peer. Members that are left out are those of a peer at 10.0.0.1, which talks
 * to 10.0.0.2, port 80, on our port 0. */
struct say {
	be32 src, dst;
	uint16_t sport, dport; /* host order */
	uint32_t seq, ack;
	uint16_t wnd; /* 0 means 0 */
	uint8_t flags;
	struct tcp_opts opts;
	const void *text;
	uint32_t len;
	uint8_t port;
	const uint8_t *src_mac, *dst_mac;
};

unsigned rig_build(const struct say *w, uint8_t *frame);
enum drop rig_say(struct rig *r, struct say w);
#define rig_tcp(r, ...) rig_say(r, (struct say) {__VA_ARGS__})

/* A handshake, with a turn for each segment. Frames sent before are forgotten. The peer's next
 * segment has sequence number 1001 and acknowledges the returned number. */
uint32_t rig_handshake(struct rig *r, uint16_t sport, struct tcp_opts opts, uint16_t wnd);

#endif
