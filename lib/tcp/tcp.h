/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp: one core's TCP (RFC 9293), without IP under it.
 *
 * The layers below lend two functions: emit() takes a segment to be sent, and
 * proved() hears that a peer has finished a handshake.
 *
 * Threads    single writer.
 * Memory     all of it at creation.
 * Time       t->now, set once a turn by the stack.
 * Returns    the packet path returns enum drop: why a segment, or a part of
 *            it, went no further. The caller counts it.
 */
#ifndef TCP_TCP_H
#define TCP_TCP_H

#include "api/handfast.h"
#include "base/bucket.h"
#include "base/counters.h"
#include "base/seq.h"
#include "conn/pool.h"
#include "tcp/conn.h"
#include "tcp/time_wait.h"
#include "wire/build.h"

#define TCP_MSS_DEFAULT   536   /* RFC 9293 3.7.1 */
#define TCP_MSS_MIN       64    /* no peer is trusted below it */
#define TCP_RTO_INIT_MS   1000  /* RFC 6298 2.1 */
#define TCP_RTO_MAX_MS    60000 /* RFC 6298 2.5 */
#define TCP_SENDS_MAX     256   /* descriptors of one connection */
#define TCP_REASM_MAX     256   /* segments out of order of one connection */
#define TCP_QUEUED_MAX    (1u << 30)
#define TCP_LISTENERS_MAX 250
#define TCP_NO_LISTENER   255

/* What a flow table slot refers to. */
#define REF_CONN      0x00000000u
#define REF_TIME_WAIT 0x40000000u
#define REF_KIND      0xc0000000u
#define REF_INDEX     0x3fffffffu

struct tcp_listener {
	be32 addr; /* 0: any of ours */
	be16 port;
	uint8_t next; /* of the same port; TCP_NO_LISTENER at the end */
	const struct hf_service *service;
	void *self;
	uint64_t accepted;
	uint32_t open;
};

struct tcp_conf {
	uint32_t max_conns;
	uint32_t max_half_open;
	uint32_t max_time_wait;
	uint32_t max_kept;
	uint32_t rcv_wnd;
	uint32_t msl_ms;
	uint32_t fin_wait_2_ms;
	uint32_t rto_min_ms;
	uint32_t syn_retries;
	uint32_t retries;
	uint32_t rst_per_s;
};

struct tcp {
	struct clock now;
	struct counters *count;
	struct tcp_conf conf;

	struct pool conns;
	struct tcp_rare *rare; /* by the same index */
	struct flow_table table;
	struct wheel wheel;
	struct time_wait tw;
	struct pool sends;
	struct pool holes;

	uint32_t pending; /* first connection that has something to say */
	uint32_t half_open;
	uint32_t kept;            /* packet buffers in queues and with services */
	struct tcp_conn *current; /* whose segment or timer is being handled */
	void **delivering;        /* handle of the buffer whose bytes data() sees */
	bool draining;            /* no new connections */
	uint8_t rcv_wscale;       /* what rcv_wnd needs */

	/* What strangers get, by kind, so that a flood of one starves no other. */
	struct bucket resets;
	struct bucket bare_acks; /* in TIME-WAIT */

	struct prf flow_prf;
	struct prf isn_prf;

	uint8_t nlisteners;
	struct tcp_listener listener[TCP_LISTENERS_MAX];
	uint8_t *listener_of_port; /* 65,536, by the port in network order */

	uint8_t naddrs;
	be32 addr[32]; /* ours; tw_record.laddr is an index */

	/* Lent from below. */
	void *below;
	bool (*emit)(void *below, const struct tcp_out *out);
	void (*proved)(void *below, const struct seg *s);
	void *(*buf_alloc)(void *below, uint8_t **bytes, uint32_t *room);
	void (*buf_free)(void *below, void *buf);
	uint16_t (*mtu)(void *below, uint8_t port);
};

int tcp_create(struct tcp *t, const struct tcp_conf *conf, const uint8_t secret[16], int node,
        struct clock now);
void tcp_destroy(struct tcp *t);

int tcp_add_addr(struct tcp *t, be32 addr);
int tcp_listen(
        struct tcp *t, be32 addr, be16 port, const struct hf_service *service, void *self);
uint8_t tcp_find_listener(const struct tcp *t, be32 addr, be16 port);

/* SEGMENT ARRIVES, by what is known of its flow. */
enum drop tcp_closed_input(struct tcp *t, struct seg *s);
enum drop tcp_listen_input(struct tcp *t, uint8_t listener, struct seg *s, uint32_t iss_floor);
enum drop tcp_input(struct tcp *t, struct tcp_conn *c, struct seg *s);

/* An ICMP error about a segment of c that is in flight (RFC 5927); mtu 0: none. */
enum drop tcp_icmp_error(struct tcp *t, struct tcp_conn *c, uint32_t seq, uint16_t mtu);

/* Connections whose timers are due, at most `most`. True if any. */
bool tcp_expire(struct tcp *t, unsigned most);
/* Those with something to say, at the end of the turn. True if any. */
bool tcp_speak(struct tcp *t);

/* RST to everybody. */
void tcp_abort_all(struct tcp *t, enum hf_reason why);

static inline struct tcp_conn *
tcp_conn_at(const struct tcp *t, uint32_t i)
{
	return (struct tcp_conn *)(void *)(t->conns.base + (size_t)i * sizeof(struct tcp_conn));
}

static inline uint32_t
tcp_index(const struct tcp *t, const struct tcp_conn *c)
{
	return (uint32_t)(c - (const struct tcp_conn *)(const void *)t->conns.base);
}

static inline struct tcp_rare *
tcp_rare(const struct tcp *t, const struct tcp_conn *c)
{
	return &t->rare[tcp_index(t, c)];
}

static inline uint32_t
tcp_flow_hash(const struct tcp *t, const struct flow_key *k)
{
	return (uint32_t)prf_one(&t->flow_prf, flow_block(k)).lo;
}

extern const char *const tcp_state_names[TCP_STATES];

#endif
