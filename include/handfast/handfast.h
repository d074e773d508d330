/* SPDX-License-Identifier: BSD-3-Clause */
/* handfast.h: what an application includes.
 *
 * An application is a service: a struct of event functions that the stack
 * calls on the core that owns the connection, in the middle of its turn. What
 * it wants of a connection it says with the functions below, from inside any
 * event of that core. Connections that were accepted and those that
 * hf_connect() opened have the same events.
 *
 * Threads    each core has its own instance of a service (create/destroy) and
 *            its own connections; nothing is shared and nothing is locked. No
 *            function may be called from another thread. No event may block.
 * Ownership  struct hf_conn is the stack's; valid from opened(), or from
 *            hf_connect(), until closed() returns. closed() is the last event,
 *            it comes exactly once, and no event comes from inside a call that
 *            the application makes. Where the instance is ended first (destroy), its
 *            connections are reset without a word.
 * Errors     0 or -errno.
 * Units      bytes; a name ends in _us or _ms.
 */
#ifndef HANDFAST_H
#define HANDFAST_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
/* What is declared between push and pop is all that the shared library exports. */
#pragma GCC visibility push(default)

/* The interface that an application is compiled for. Before 1.0.0 a new minor version may
 * change it; from then on only a new major version does. */
#define HF_VERSION_MAJOR                   0
#define HF_VERSION_MINOR                   1
#define HF_VERSION_PATCH                   0
#define HF_VERSION_OF(major, minor, patch) ((major)*1000000 + (minor)*1000 + (patch))
#define HF_VERSION                         HF_VERSION_OF(HF_VERSION_MAJOR, HF_VERSION_MINOR, HF_VERSION_PATCH)

/* HF_VERSION of the library that runs. Any thread may ask. */
unsigned hf_version(void);

struct hf_core; /* one core's stack */
struct hf_conn; /* a connection */
struct hf_buf;  /* a packet buffer that the application holds */

/* Why a connection is no more; behind it what a socket would have said. Those that
 * ICMP names end an open at once where they mean that no SYN will ever arrive
 * (HF_REFUSED, HF_NO_PROTOCOL, HF_PROHIBITED, and a route that is a loop); otherwise
 * they are told in the place of HF_TIMEOUT, when the retransmissions are over. */
enum hf_reason {
	HF_CLOSED,   /* 0: both sides closed in order, and the peer has acknowledged our
	                FIN (RFC 9293 3.6) */
	HF_RESET,    /* ECONNRESET: the peer sent RST. In closed(), hf_unacked() says how
	                much of our text it had not acknowledged */
	HF_REFUSED,  /* ECONNREFUSED: ... in answer to our SYN (RFC 9293 3.10.7.3), or ICMP
	                said that there is no such port */
	HF_TIMEOUT,  /* ETIMEDOUT: the peer did not answer (RFC 9293 3.8.3, R2) */
	HF_ABORTED,  /* ECONNABORTED: hf_abort(), hf_close() in SYN-SENT (RFC 9293 3.10.4),
	                data came after hf_close(), or the operator ended it */
	HF_STOPPED,  /* ESHUTDOWN: the stack was stopped */
	HF_PRESSURE, /* ENOBUFS: there was no room for a newcomer, or for what another one
	                sends, and its peer had said nothing, or taken nothing of what was
	                queued, for a second at least, mostly for five */

	HF_HOST_UNREACHABLE, /* EHOSTUNREACH: a router said so, or that the route has no
	                        end (time exceeded); or nobody answers ARP for the next
	                        hop */
	HF_NET_UNREACHABLE,  /* ENETUNREACH: a router said so */
	HF_NO_PROTOCOL,      /* ENOPROTOOPT: the host said that it has no TCP */
	HF_PROHIBITED,       /* EHOSTUNREACH, as Linux has it: a filter said so */
	HF_BAD_PROTOCOL,     /* EPROTO: ICMP said that our header has a fault; or the
	                        peer's SYN had an MSS below 64 */
};

const char *hf_reason_name(enum hf_reason why);
/* What errno would be, from <errno.h> and not negative; 0: HF_CLOSED. */
int hf_reason_errno(enum hf_reason why);

struct hf_service {
	const char *name;

	/* An instance for one core, from what the command line configured;
	 * NULL with errno set on failure. Outside the packet path: may allocate.
	 * create NULL: self is conf, and destroy is not called. */
	void *(*create)(const void *conf, int numa_node);
	void (*destroy)(void *self);

	/* Every event may be NULL. */

	/* Once in each turn of the core, for every instance: where a client opens
	 * its connections, and looks at the time. A turn takes microseconds; what
	 * is done here, every connection of the core waits for. */
	void (*turn)(struct hf_core *h, void *self);

	/* The handshake is complete. If we opened the connection, what hf_send() is given
	 * here leaves with the handshake's last ACK. */
	void (*opened)(struct hf_core *h, void *self, struct hf_conn *c);

	/* In-order bytes, in place, valid until the function returns unless
	 * hf_keep() is called. Returns how many were taken. The rest is held, up to
	 * the window that was offered, and comes again: after hf_resume(),
	 * hf_recv_room(), with later bytes, after room(), and by itself some
	 * milliseconds later, then less and less often, every 1.3 s in the end.
	 * peer_closed() comes after it. NULL: all bytes are taken and forgotten. */
	uint32_t (*data)(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes,
	        uint32_t len);

	/* The peer acknowledged some of what was sent: hf_unacked() has shrunk. */
	void (*room)(struct hf_core *h, void *self, struct hf_conn *c);

	/* The peer sent FIN: no data() follows. Sending goes on until
	 * hf_shutdown() or hf_close(). NULL: hf_close(). */
	void (*peer_closed)(struct hf_core *h, void *self, struct hf_conn *c);

	/* Something is wrong on the way, and TCP goes on trying (RFC 9293 3.9.1.8): ICMP
	 * said why about a segment under way, told once until it is sent again; or the
	 * peer has not answered three retransmissions, HF_TIMEOUT (3.8.3, R1). Only
	 * after opened(). */
	void (*soft_error)(
	        struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why);

	/* The peer's urgent mark has come, or has moved on (RFC 9293 3.8.5): hf_urgent()
	 * says where it is. Its text is delivered in its place, like any other. */
	void (*urgent)(struct hf_core *h, void *self, struct hf_conn *c);

	/* What hf_deadline() set has passed, and is set no more; it may come before
	 * opened(). NULL: the connection is reset, and closed() says HF_TIMEOUT. */
	void (*deadline)(struct hf_core *h, void *self, struct hf_conn *c);

	/* The stack drains: it will be stopped soon, hf_draining() says when, and takes no
	 * new connections. Each connection hears it once after opened(): those that are
	 * open then within some turns, one whose handshake was under way right behind
	 * opened(); none after hf_close() or hf_abort(). All functions may be called. To
	 * end in order: hf_linger() once nothing is under way (RFC 9112 9.6 has it so);
	 * what is open when the time is over is reset, and closed() says HF_STOPPED. NULL:
	 * the connection goes on, and if its peer does not end it, that is its end. */
	void (*draining)(struct hf_core *h, void *self, struct hf_conn *c);

	/* The connection is no more; what was queued is released when this returns.
	 * The only event of one that hf_connect() could not open. */
	void (*closed)(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why);
};

/* IPv4 addresses and ports, in network byte order. */
struct hf_addr {
	uint32_t addr;
	uint16_t port;
};

struct hf_open {
	struct hf_addr peer;
	struct hf_addr local; /* addr 0: that of the port which leads to the peer;
	                         port 0: chosen by a secret, so that nobody can guess it
	                         (RFC 6056), and such that answers come to this core */
	void *ctx;            /* hf_ctx() of the connection */
	uint8_t dscp, ttl;    /* as by hf_set_dscp() and hf_set_ttl(), from the SYN on;
	                         0: the stack's */
};

/* Open a connection (RFC 9293 3.10.1, active OPEN): a SYN leaves, and service
 * hears with `self` what becomes of it. It need not be the service that calls.
 * What is queued before opened() is sent then. c may be NULL. In closed() the
 * connection that ends still holds its place and its port.
 * -ENETUNREACH: no port leads to the peer; -EADDRNOTAVAIL: local is not ours,
 * its port would bring answers to another core, or no port of it is free towards
 * this peer (connections and TIME-WAITs hold them: more addresses help, or
 * patience); -EADDRINUSE: local's port is not;
 * -EINVAL: such a peer, or DSCP, cannot be; -ENOBUFS: as many connections as there may
 * be; -ENOSPC: too many different services; -ESHUTDOWN: the stack is draining. */
int hf_connect(struct hf_core *h, const struct hf_service *service, void *self,
        const struct hf_open *how, struct hf_conn **c);

#define HF_IDLE_MAX_MS (1u << 30) /* 12 days */

/* A listener of this core. Grows at its end; what is 0 there is as before. */
struct hf_listen_conf {
	uint32_t size;        /* sizeof(struct hf_listen_conf) */
	struct hf_addr local; /* addr 0: any address of ours */
	uint32_t rcv_wnd;     /* bytes that its connections offer from opened() on, as by
	                         hf_recv_room(), but a segment at the least; 0: the stack's.
	                         The SYN-ACK offers the stack's, 65,535 at the most, and
	                         that is not taken back */
	uint32_t idle_ms;     /* deadline() comes after so long without text from the peer or
	                         an acknowledgment of ours, to 66 ms; 0: never. A connection's
	                         own hf_deadline() ends it for that connection */
};

/* Take connections on an address and port, on this core only: post it to each core that is to
 * listen. service hears with `self`, which stays the caller's: neither create() nor destroy()
 * is called. Any event may call it.
 * -EINVAL: no port, or idle_ms too large, or rcv_wnd above what the core's window scale can
 * say (65,535 bytes shifted by what the stack's own rcv_wnd needs), or size too small;
 * -E2BIG: a member that this library does not know is not 0; -EADDRINUSE: there is one;
 * -EADDRNOTAVAIL: the address is not ours; -ENOSPC: 250 listeners and openers;
 * -ESHUTDOWN: the stack is draining. */
int hf_listen(struct hf_core *h, const struct hf_service *service, void *self,
        const struct hf_listen_conf *conf);
/* Take no more of them. Open connections go on, and their service hears of them as before;
 * once the last has closed, at the end of that turn, the place is free for another listener,
 * and an instance that the stack created is destroyed. `self` may be freed once the caller
 * has heard closed() of all of them. Handshakes under way come to nothing: the peer's next
 * segment is answered as by a closed port, and without one the record goes when its SYN-ACK
 * would be sent again. But if another listener covers address and port by then, it gets them.
 * -ENOENT: nobody listens there (the address must be the one that was named). */
int hf_unlisten(struct hf_core *h, struct hf_addr local);

/* Queue bytes that stay where and what they are until they are acknowledged
 * (hf_unacked() tells) or closed() comes: static data, a response that all
 * connections share. They are copied once, into the packet. -ENOBUFS: no
 * descriptor, of which a connection has 256 (try again in room()); -EPIPE: after
 * hf_shutdown() or hf_close(), and in closed(); -EMSGSIZE: more than 1 GiB unacknowledged. */
int hf_send(struct hf_core *h, struct hf_conn *c, const void *bytes, uint32_t len);

/* Queue bytes inside a buffer and give the buffer away: it is released when
 * they are acknowledged. On an error the buffer is still the caller's. */
int hf_send_buf(struct hf_core *h, struct hf_conn *c, struct hf_buf *b, const void *bytes,
        uint32_t len);

/* Only in data(), once, and only for the connection that data() is about: hold the packet in
 * which the bytes lie. NULL: anywhere else, or this core or this packet has none to spare; take
 * 0 bytes, and they will come again. Keep it and take all: what is left must be copied, or is
 * sent again by the peer. */
struct hf_buf *hf_keep(struct hf_core *h, struct hf_conn *c);

/* A buffer to write into; NULL: none to spare. *room: its size, 1,024 bytes
 * at the least. */
struct hf_buf *hf_buf_alloc(struct hf_core *h, uint8_t **bytes, uint32_t *room);
void hf_buf_free(struct hf_core *h, struct hf_buf *b);

/* FIN after what is queued; data() goes on (half-close). */
int hf_shutdown(struct hf_core *h, struct hf_conn *c);
/* FIN after what is queued, and no more interest: bytes that data() has not taken, or
 * that arrive later, are answered with RST (RFC 9293 3.10.7, RFC 1122 4.2.2.13). */
void hf_close(struct hf_core *h, struct hf_conn *c);
/* As hf_close(), but those bytes are taken and forgotten, so that
 * no RST can overtake what is queued (the lingering close of RFC 9112 9.6).
 * Once the application is gone, by this or by hf_close(), a peer that never closes is
 * given up after the FIN-WAIT-2 timeout, one that keeps its window shut after as many
 * probes as there would be retransmissions, and one that reads less than 500 bytes a
 * second after five minutes of that. */
void hf_linger(struct hf_core *h, struct hf_conn *c);
/* RST now; what is queued is dropped (RFC 9293 3.9.1.6). */
void hf_abort(struct hf_core *h, struct hf_conn *c);

/* The connection has one deadline, `ms` from now (12 days at the most); 0: none, as at
 * first. To set it again costs next to nothing, for each segment too. It ends with
 * hf_close() and hf_linger(): from there on the stack sees to it that an end comes. */
void hf_deadline(struct hf_core *h, struct hf_conn *c, uint32_t ms);
/* The peer made progress: the deadline, if there is one, comes `ms` later, but never
 * more than `most_ms` from now. So much a byte, and a peer that is slower than that has
 * an end, however it doses its bytes. */
void hf_deadline_later(struct hf_core *h, struct hf_conn *c, uint32_t ms, uint32_t most_ms);

/* From opened() on: offer the peer a window of at most `bytes`, less what is held for
 * data(), which comes again unless this is 0. What was offered is not taken back
 * (RFC 9293 3.8.6). At first: the stack's configured window. Less than a segment, or
 * than half of that window if that is smaller, counts as none. */
void hf_recv_room(struct hf_core *h, struct hf_conn *c, uint32_t bytes);
/* There is room again for bytes that data() did not take: it is called with them when
 * this event returns, or at the end of the turn. */
void hf_resume(struct hf_core *h, struct hf_conn *c);

/* How many of the bytes to come lie before the peer's urgent mark; the last of them is
 * what others call out-of-band. 0: there is none, or it was passed. In data(): from
 * `bytes` on. To send such marks there is no call (RFC 6093 5: none should). */
uint32_t hf_urgent(struct hf_core *h, const struct hf_conn *c);

/* From the next segment on: the differentiated services code point, 0 to 63 (RFC 2474;
 * to change it in the midst of a stream may reorder it, RFC 9293 3.9.2); the time to
 * live, 1 to 255; how often text or FIN is sent again, or a shut window probed without an
 * answer, before HF_TIMEOUT, 1 to 15 (R2 of RFC 9293 3.8.3). At first: the stack's.
 * TIME-WAIT has the stack's again. -EINVAL: out of range. */
int hf_set_dscp(struct hf_core *h, struct hf_conn *c, unsigned dscp);
int hf_set_ttl(struct hf_core *h, struct hf_conn *c, unsigned ttl);
int hf_set_retries(struct hf_core *h, struct hf_conn *c, unsigned n);

/* Bytes queued and not yet acknowledged. */
uint32_t hf_unacked(struct hf_core *h, const struct hf_conn *c);

/* The application's own word on a connection; NULL at first. */
void hf_set_ctx(struct hf_conn *c, void *ctx);
void *hf_ctx(const struct hf_conn *c);

struct hf_addr hf_peer(const struct hf_conn *c);
struct hf_addr hf_local(const struct hf_conn *c);

/* A handle: a number that names a connection for any thread, and still after the connection
 * has ended. It is never 0. The record of a connection is used again at once for another one;
 * a handle does not name that one. A handle is unique for 268 s at the least; after that an
 * old one can be mistaken only if its record was used again a multiple of 65,535 times. */
uint64_t hf_handle_of(struct hf_core *h, const struct hf_conn *c);
/* The connection, on its own core. NULL: it has ended, or it belongs to another core. In
 * closed() a handle still names the connection that ends. */
struct hf_conn *hf_conn_of(struct hf_core *h, uint64_t handle);
/* The core that a handle belongs to, as the engine counts its workers; any thread may ask. */
unsigned hf_handle_core(uint64_t handle);

/* All connections of this core, of all services, in portions. `at` is 0 at first. A call looks
 * at no more than 2,048 records, writes no more than `most` connections to `out`, and says in
 * *n how many. True: there are more, call again, in this event or in a later turn. What is
 * written is valid until the event returns, whatever is said to it. A connection that exists
 * throughout the walk is written exactly once; one that is opened meanwhile may be missed.
 * Those whose service is being ended are left out. */
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

/* What a connection knows. Windows and sizes are bytes. New members are added at the end. */
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

/* Fills `size` bytes of *info, which is sizeof(*info) where the application was compiled: a
 * newer library fills no more than an older application knows, and zeroes what it does not
 * know itself. -EINVAL: size is 0. */
int hf_info(struct hf_core *h, const struct hf_conn *c, struct hf_info *info, uint32_t size);

/* A timer of the application's, on one core. It lies in the application's memory: set fn and
 * arg, and all else to 0, before it is armed for the first time. While it is armed it stays
 * where it is; stop it before its memory is freed, at the latest in destroy(). */
struct hf_timer {
	void (*fn)(struct hf_core *h, struct hf_timer *timer);
	void *arg; /* the application's word */

	/* private */
	struct hf_timer *up, *left, *right;
	uint64_t at_us;
	uint32_t rank;
};

/* Have fn called once, in the first turn that begins `us` or more from now, at the end of that
 * turn, and never in the present turn. A timer that is armed already is armed anew. The cost is
 * the logarithm of the number of timers. No more than 32 are called in a turn; the others that
 * are due follow in the next turns, the earliest first. fn may do all that turn() may: arm its
 * timer again, or free it, stop others. -EINVAL: fn is NULL. */
int hf_timer_arm(struct hf_core *h, struct hf_timer *timer, uint64_t us);
/* False: it was not armed. */
bool hf_timer_stop(struct hf_core *h, struct hf_timer *timer);
bool hf_timer_is_armed(const struct hf_timer *timer);

/* A frame that the stack does not serve: of an ether type that is neither IPv4 nor ARP, or IPv4
 * (whole, its header checked) of a protocol that is neither TCP nor ICMP. Its addresses are not
 * checked: it may be for somebody else, or from a source that cannot be. */
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
	HF_FRAME_SEND,  /* `bytes` holds the answer, `len` says how long it is: it leaves on the
	                   port where the frame arrived. No byte of it is completed. If it is
	                   shorter than an Ethernet header, or longer than `room` or the
	                   port's MTU, it is as HF_FRAME_DROP */
};

/* The frame is the stack's again when the function returns. */
typedef enum hf_frame_use (*hf_frame_fn)(struct hf_core *h, void *arg, struct hf_frame *f);

/* Have fn see the frames that arrive on this core and are not served; NULL: nobody, as at
 * first. Each of these frames costs one call and one answer at the most; when the transmit
 * queue is full, answers go first. -EBUSY: another fn sees them. */
int hf_frames(struct hf_core *h, hf_frame_fn fn, void *arg);

/* 0: the stack does not drain. Else how many milliseconds it will be before what is open
 * is reset, 1 at the least; whoever answers a request meanwhile says that it was the last
 * one. It may end sooner, once nothing is owed to any peer. */
uint32_t hf_draining(const struct hf_core *h);

/* The turn's time, on the core's monotonic clock. */
uint64_t hf_now_us(const struct hf_core *h);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
