/* SPDX-License-Identifier: BSD-3-Clause */
/* core.h: what a core offers beside its single connections: listeners, timers, handles, the
 * walk over all connections, what a connection knows, and frames that the stack does not serve.
 *
 * Threads    the core's own, but hf_handle_core() and hf_state_name(), which any thread may
 *            call. hf_post() of engine.h brings a function to a core.
 * Ownership  a struct hf_timer and a listener's `self` are the caller's, and stay where they
 *            are while they are in use.
 * Memory     no function allocates.
 * Errors     0 or -errno.
 * Bounds     250 listeners and clients for each core; 8 timers in a turn; 2,048 records for
 *            each step of the walk; one function for frames.
 * Calls back?              no event comes from inside a call.
 * May end the connection?  no.
 */
#ifndef HANDFAST_CORE_H
#define HANDFAST_CORE_H

#include <handfast/handfast.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define HF_IDLE_MAX_MS (1u << 30) /* 12 days */

/* A listener of this core. New members are added at the end; 0 there means: as before. */
struct hf_listen_conf {
	uint32_t size;        /* sizeof(struct hf_listen_conf) */
	struct hf_addr local; /* addr 0: any address of ours */
	uint32_t rcv_wnd;     /* bytes that its connections offer from opened() on, as by
	                         hf_recv_room(), but a segment at the least; 0: the stack's.
	                         The SYN-ACK offers the stack's, 65,535 at the most, and
	                         that is not taken back */
	uint32_t idle_ms;     /* deadline() comes when there was no text from the peer and no
	                         acknowledgment of ours for this long, to 66 ms, and comes
	                         again after each further silence of this length; 0: never.
	                         A connection's own hf_deadline() takes its place */
};

/* Take connections on an address and port, on this core only: post it to each core that is to
 * listen. `service` hears with `self`, which stays the caller's: neither create() nor destroy()
 * is called.
 * -EINVAL: no port, or idle_ms is too large, or rcv_wnd is above what the core's window scale
 * can say (65,535 bytes shifted by what the stack's own rcv_wnd needs), or size is too small;
 * -E2BIG: a member that this library does not know is not 0; -EADDRINUSE: there is one;
 * -EADDRNOTAVAIL: the address is not ours; -ENOSPC: 250 listeners and clients;
 * -ESHUTDOWN: the stack is draining. */
int hf_listen(struct hf_core *h, const struct hf_service *service, void *self,
        const struct hf_listen_conf *conf);
/* Take no more of them. Open connections go on, and their service hears of them as before. Once
 * the last has closed, at the end of that turn, the place is free for another listener. An
 * instance that the stack created keeps the place, and is destroyed, when the connections that
 * it opened have closed too, and no other listener has it. `self` may be freed once the caller
 * has heard closed() of all of them. Handshakes under way come to nothing: the peer's next
 * segment is answered as by a closed port, and without one the record goes when its SYN-ACK
 * would be sent again. But another listener that covers address and port by then gets them.
 * -ENOENT: there is no such listener (the address must be the one that was named). */
int hf_unlisten(struct hf_core *h, struct hf_addr local);

/* A timer of the application's, on one core. It lies in the application's memory: set fn and
 * arg, and all else to 0, before it is armed for the first time. While it is armed it stays
 * where it is. Stop it before its memory is freed, at the latest in destroy(). */
struct hf_timer {
	void (*fn)(struct hf_core *h, struct hf_timer *timer);
	void *arg; /* the application's word */

	/* private */
	struct hf_timer *up, *left, *right;
	uint64_t at_us;
	uint32_t rank;
};

/* Have fn called once, at the end of the first turn that begins `us` or more from now, and
 * never in the present turn. A timer that is armed already is armed anew. The cost grows with
 * the logarithm of the number of timers. No more than 8 are called in a turn; the others that
 * are due follow in the next turns, the earliest first. fn may do all that turn() may: arm its
 * timer again, free it, stop others. -EINVAL: fn is NULL. */
int hf_timer_arm(struct hf_core *h, struct hf_timer *timer, uint64_t us);
/* False: it was not armed. */
bool hf_timer_stop(struct hf_core *h, struct hf_timer *timer);
bool hf_timer_is_armed(const struct hf_timer *timer);

/* A handle: a number that names a connection for any thread, and still after the connection has
 * ended. It is never 0. The record of a connection is used again at once for another one; a
 * handle does not name that one. A handle is unique for 268 s at the least; after that an old
 * one can be mistaken only if its record was used again a multiple of 65,535 times. */
uint64_t hf_handle_of(struct hf_core *h, const struct hf_conn *c);
/* The connection, on its own core. NULL: it has ended, or it belongs to another core. In
 * closed() a handle still names the connection that ends. */
struct hf_conn *hf_conn_of(struct hf_core *h, uint64_t handle);
/* The core that a handle belongs to, as the engine counts its workers. */
unsigned hf_handle_core(uint64_t handle);

/* All connections of this core, of all services, in portions. `at` is 0 at first. A call looks
 * at no more than 2,048 records, writes no more than `most` connections to `out`, and says in
 * *n how many. True: there are more; call again, in this event or in a later turn. The
 * connections in `out` are valid until the event returns, whatever is called for them. A
 * connection that exists throughout the walk is written exactly once; one that is opened
 * meanwhile may be missed. Those whose service is being ended are left out. */
bool hf_conns_some(
        struct hf_core *h, uint32_t *at, struct hf_conn **out, unsigned most, unsigned *n);
/* The service that hears of a connection, and the instance. */
const struct hf_service *hf_service_of(struct hf_core *h, const struct hf_conn *c, void **self);

/* States of RFC 9293 3.3.2. */
enum hf_state {
	HF_STATE_SYN_SENT = 2,
	HF_STATE_SYN_RECEIVED,
	HF_STATE_ESTABLISHED,
	HF_STATE_FIN_WAIT_1,
	HF_STATE_FIN_WAIT_2,
	HF_STATE_CLOSE_WAIT,
	HF_STATE_CLOSING,
	HF_STATE_LAST_ACK,
	HF_STATE_TIME_WAIT, /* only in closed() */
};

const char *hf_state_name(enum hf_state state); /* "ESTABLISHED" */

/* Options that both SYNs had. */
#define HF_OPT_TIMESTAMPS 0x01 /* RFC 7323 */
#define HF_OPT_SACK       0x02 /* RFC 2018 */
#define HF_OPT_WSCALE     0x04 /* RFC 7323 */

/* The state of a connection in figures. Windows and sizes are bytes. New members are added at
 * the end. */
struct hf_info {
	enum hf_state state;
	uint32_t options;   /* HF_OPT_* */
	uint32_t srtt_us;   /* smoothed round-trip time (RFC 6298); 0: no sample yet */
	uint32_t rttvar_us; /* its variation */
	uint32_t rto_ms;    /* how long the next segment waits for its ACK */
	uint32_t mss;       /* bytes of a full segment, options of each segment paid */
	uint32_t snd_wnd;   /* the window that the peer offers */
	uint32_t rcv_wnd;   /* the window that the peer has been offered and has not used */
	uint32_t cwnd;      /* congestion window (RFC 5681) */
	uint32_t ssthresh;  /* slow start threshold (RFC 5681) */
	uint32_t unacked;   /* bytes queued and not acknowledged, as of hf_unacked() */
	uint32_t in_flight; /* bytes of them that were sent */
	uint8_t snd_wscale; /* the shift of snd_wnd */
	uint8_t rcv_wscale; /* the shift of rcv_wnd */
	uint8_t in_a_row;   /* retransmissions, or probes, since the last answer */
	uint8_t accepted;   /* 1: the peer opened the connection; 0: we did */
	uint64_t age_ms;    /* since the connection was opened, to 65.5 ms */
	uint64_t idle_ms;   /* since the peer's last progress, to 65.5 ms */
	uint32_t core;      /* as the engine counts its workers */
	int32_t numa_node;  /* of the core's memory; -1: unknown */
	uint64_t retransmitted_bytes;    /* bytes of text sent more than once */
	uint32_t retransmitted_segments; /* segments sent more than once, SYNs included */
	uint32_t timeouts;               /* retransmission timeouts (RFC 6298 5.4) */
	uint32_t uncounted; /* 1: the three above are 0 and may be too low: the core has met
	                       more connections with losses than it can count */
};

/* Fill `size` bytes of *info, which is sizeof(*info) where the application was compiled. A
 * newer library fills no more than an older application knows, and sets to 0 what it does not
 * know itself. -EINVAL: size is 0. */
int hf_info(struct hf_core *h, const struct hf_conn *c, struct hf_info *info, uint32_t size);

/* A frame that the stack does not serve: of an ether type that is neither IPv4 nor ARP, or IPv4
 * (whole, its header checked) of a protocol that is neither TCP nor ICMP. Its addresses are not
 * checked: it may be for another host, or from a source that cannot be. */
struct hf_frame {
	uint8_t *bytes;      /* the Ethernet header; all of `room` may be written */
	uint32_t len;        /* bytes of the frame, padding included */
	uint32_t room;       /* bytes from `bytes` on, `len` at the least */
	const uint8_t *mac;  /* the port's own, six bytes */
	unsigned port;       /* as the engine counts its ports */
	uint16_t ether_type; /* in host order */
	uint8_t protocol;    /* of IPv4; 0 with another ether type */
};

enum hf_frame_use {
	HF_FRAME_DROP,  /* it is none of ours: dropped, and counted with its reason */
	HF_FRAME_TAKEN, /* it has been read, or copied: released, and not counted as dropped */
	HF_FRAME_SEND,  /* `bytes` holds the answer and `len` its length: it leaves on the port
	                   where the frame arrived. The stack completes no byte of it. An
	                   answer that is shorter than an Ethernet header, or longer than
	                   `room` or the port's MTU, is as HF_FRAME_DROP */
};

/* The frame is the stack's again when the function returns. */
typedef enum hf_frame_use (*hf_frame_fn)(struct hf_core *h, void *arg, struct hf_frame *f);

/* Have fn see the frames that arrive on this core and are not served; NULL: no function
 * sees them, as at first. Each of these frames costs one call, and one answer at the most. When
 * a transmit queue is full such answers are lost first. -EBUSY: another fn sees them. */
int hf_frames(struct hf_core *h, hf_frame_fn fn, void *arg);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
