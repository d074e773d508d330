/* SPDX-License-Identifier: BSD-3-Clause */
/* handfast.h: services and their connections. core.h has what else a core offers, engine.h the
 * cores and their loop.
 *
 * An application is a service: a struct of event functions. The stack calls them on the core
 * that owns the connection, in the middle of its turn. The functions below say what the
 * application wants. Connections that were accepted and those that hf_connect() opened have the
 * same events.
 *
 * Threads    each core has its own instance of a service and its own connections. Nothing is
 *            shared and nothing is locked. A function that takes a struct hf_core or a struct
 *            hf_conn belongs to that core's thread. No event may block.
 * Ownership  struct hf_conn is the stack's. It is valid from opened(), or from hf_connect(),
 *            until closed() returns. closed() is the last event and comes exactly once. An
 *            instance that is ended first (hf_engine_client_end()) hears no closed().
 * Memory     all of it was taken when the engine was made. No function allocates.
 * Errors     0 or -errno.
 * Bounds     those of struct hf_engine_conf; 256 descriptors and 1 GiB of queued text for each
 *            connection, 250 listeners and clients for each core.
 * Units      bytes; a name ends in _us or _ms.
 * Calls back?              no event comes from inside a call.
 * May end the connection?  hf_close(), hf_linger(), hf_abort(), and a deadline that passes. The
 *                          end comes when the present event has returned.
 *
 * Which call in which event. The first two columns are for the connection that the event is
 * about. The third is for every other connection of the core, for all other events, and for the
 * functions of timers, hf_frames() and hf_post().
 *
 *                                data()   closed()   elsewhere
 *   hf_send(), hf_send_buf()     yes      -EPIPE     yes
 *   hf_shutdown()                yes      -EPIPE     yes
 *   hf_close(), hf_linger()      yes      no effect  yes
 *   hf_abort()                   yes      no effect  yes
 *   hf_keep()                    yes      NULL       NULL
 *   hf_deadline()                yes      no effect  yes
 *   hf_deadline_later()          yes      no effect  yes
 *   hf_recv_room(), hf_resume()  yes      no effect  yes; no effect before opened()
 *   hf_set_dscp(), hf_set_ttl()  yes      no effect  yes
 *   hf_set_retries()             yes      no effect  yes
 *   hf_buf_alloc()               yes      yes        yes
 *   hf_buf_free()                yes      yes        yes
 *   hf_connect(), hf_listen()    yes      yes        yes; -ESHUTDOWN while the stack drains
 *   hf_unlisten(), hf_frames()   yes      yes        yes
 *   hf_timer_arm()               yes      yes        yes
 *   hf_timer_stop()              yes      yes        yes
 *   hf_conns_some(), hf_info()   yes      yes        yes
 *   hf_conn_of()                 yes      yes        yes
 *   hf_post()                    yes      yes        yes
 *   hf_engine_stats()            yes      yes        yes
 *
 * All other functions that only look may be called in each event. All other hf_engine_*()
 * return -EPERM in an event, or print a message and have no effect.
 *
 * After hf_close(), hf_linger() or hf_abort() hf_send() and hf_shutdown() return -EPIPE. In
 * urgent() the text of the segment in hand is still to come, and after hf_close() it is
 * answered with a reset; hf_linger() lets it pass.
 */
#ifndef HANDFAST_H
#define HANDFAST_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
/* The shared library exports what is declared between push and pop, and nothing else. */
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

/* Why a connection has ended, with the errno of a socket. Reasons that ICMP names end an
 * opening at once if they mean that no SYN will ever arrive: HF_REFUSED, HF_NO_PROTOCOL,
 * HF_PROHIBITED, and a route that is a loop. Otherwise they replace HF_TIMEOUT when the
 * retransmissions are over. */
enum hf_reason {
	HF_CLOSED,   /* 0: both sides closed in order, and the peer has acknowledged our
	                FIN (RFC 9293 3.6) */
	HF_RESET,    /* ECONNRESET: the peer sent RST. In closed(), hf_unacked() says how
	                much of our text it had not acknowledged */
	HF_REFUSED,  /* ECONNREFUSED: the peer sent RST in answer to our SYN (RFC 9293
	                3.10.7.3), or ICMP said that there is no such port */
	HF_TIMEOUT,  /* ETIMEDOUT: the peer did not answer (RFC 9293 3.8.3, R2), or a
	                deadline passed */
	HF_ABORTED,  /* ECONNABORTED: hf_abort(), hf_close() in SYN-SENT (RFC 9293 3.10.4),
	                data came after hf_close(), or the operator ended it */
	HF_STOPPED,  /* ESHUTDOWN: the stack was stopped */
	HF_PRESSURE, /* ENOBUFS: another connection, or its text, needed the room. The peer
	                of this one had said nothing, or taken nothing of what was queued,
	                for a second at least, mostly for five */

	HF_HOST_UNREACHABLE, /* EHOSTUNREACH: a router said so, or said that the route has
	                        no end (time exceeded); or the next hop does not answer
	                        ARP */
	HF_NET_UNREACHABLE,  /* ENETUNREACH: a router said so */
	HF_NO_PROTOCOL,      /* ENOPROTOOPT: the host said that it has no TCP */
	HF_PROHIBITED,       /* EHOSTUNREACH, as Linux has it: a filter said so */
	HF_BAD_PROTOCOL,     /* EPROTO: ICMP said that our header has a fault; or the
	                        peer's SYN had an MSS below 64 */
};

const char *hf_reason_name(enum hf_reason why);
/* The errno of a socket, from <errno.h> and not negative; 0: HF_CLOSED. */
int hf_reason_errno(enum hf_reason why);

struct hf_service {
	const char *name;

	/* Make an instance for one core from `conf`, which hf_engine_listen() or
	 * hf_engine_client() was given. NULL with errno set: it cannot be made. The call is
	 * outside the packet path and may allocate. create NULL: self is conf. */
	void *(*create)(const void *conf, int numa_node);
	/* The last call of an instance, when all of its connections have ended. It is not
	 * called if create is NULL. The core still stands, so timers can be stopped. For that
	 * the instance keeps the struct hf_core of an event. */
	void (*destroy)(void *self);

	/* Each of the functions below may be NULL. */

	/* Once in each turn of the core, for each instance. A client opens its connections
	 * here and looks at the time. A turn takes microseconds, and all connections of the
	 * core wait for what is done here. */
	void (*turn)(struct hf_core *h, void *self);

	/* The handshake is complete. If we opened the connection, what hf_send() is given
	 * here leaves with the handshake's last ACK. */
	void (*opened)(struct hf_core *h, void *self, struct hf_conn *c);

	/* Bytes in order, in place, valid until the function returns unless hf_keep() is
	 * called. Returns how many were taken. The stack holds the rest, up to the window
	 * that was offered, and offers it again: after hf_resume() and hf_recv_room(), with
	 * later bytes, after room(), and by itself some milliseconds later, then less and
	 * less often, every 1.3 s in the end. peer_closed() comes after it. NULL: all bytes
	 * are taken and forgotten. */
	uint32_t (*data)(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes,
	        uint32_t len);

	/* The peer has acknowledged some of what was sent: hf_unacked() has shrunk. */
	void (*room)(struct hf_core *h, void *self, struct hf_conn *c);

	/* The peer sent FIN: no data() follows. Sending goes on until hf_shutdown() or
	 * hf_close(). NULL: hf_close(). */
	void (*peer_closed)(struct hf_core *h, void *self, struct hf_conn *c);

	/* TCP has met a difficulty and goes on trying (RFC 9293 3.9.1.8): ICMP named it for
	 * a segment in flight, and is heard once until that segment is sent again; or the peer
	 * has not answered three retransmissions, HF_TIMEOUT (3.8.3, R1). It comes only after
	 * opened(). */
	void (*soft_error)(
	        struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why);

	/* The peer's urgent mark has come, or has moved on (RFC 9293 3.8.5): hf_urgent()
	 * says where it is. Its text is delivered in its place, like any other. */
	void (*urgent)(struct hf_core *h, void *self, struct hf_conn *c);

	/* The deadline of hf_deadline() has passed; it is not armed any more. It may come
	 * before opened(). NULL: the connection is reset, and closed() says HF_TIMEOUT. */
	void (*deadline)(struct hf_core *h, void *self, struct hf_conn *c);

	/* The stack drains: it will be stopped soon and takes no new connections.
	 * hf_draining() says when. Each connection hears it once after opened(): those that
	 * are open then within some turns, one whose handshake was under way right behind
	 * opened(); none after hf_close() or hf_abort(). To end in order, call hf_linger()
	 * once nothing is under way (RFC 9112 9.6). A connection that is open when the time is
	 * over is reset, and closed() says HF_STOPPED. NULL: the connection goes on until its
	 * peer ends it, or the time is over. */
	void (*draining)(struct hf_core *h, void *self, struct hf_conn *c);

	/* The connection has ended. Bytes that it had queued may change when this returns.
	 * It is the only event of a connection that hf_connect() could not open. */
	void (*closed)(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why);
};

/* IPv4 addresses and ports, in network byte order. */
struct hf_addr {
	uint32_t addr;
	uint16_t port;
};

struct hf_open {
	struct hf_addr peer;
	struct hf_addr local; /* addr 0: the address of the port that leads to the peer;
	                         port 0: one that a secret chooses, so that an attacker cannot
	                         guess it (RFC 6056), and that brings answers to this core */
	void *ctx;            /* hf_ctx() of the connection */
	uint8_t dscp;         /* as by hf_set_dscp(), from the SYN on; 0: the stack's */
	uint8_t ttl;          /* as by hf_set_ttl(), from the SYN on; 0: the stack's */
};

/* Open a connection (RFC 9293 3.10.1, active OPEN). A SYN leaves, and `service` hears with
 * `self` what becomes of it; it need not be the service that calls. Bytes that are queued
 * before opened() are sent then. c may be NULL. In closed() the connection that ends still
 * holds its place and its port. -ENETUNREACH: no port leads to the peer; -EADDRNOTAVAIL: local
 * is not ours, its port would bring answers to another core, or connections and TIME-WAITs hold
 * all ports towards this peer (add addresses, or wait); -EADDRINUSE: local's port is taken;
 * -EINVAL: there is no such peer, or no such DSCP; -ENOBUFS: no connection is free; -ENOSPC:
 * 250 listeners and clients; -ESHUTDOWN: the stack is draining. */
int hf_connect(struct hf_core *h, const struct hf_service *service, void *self,
        const struct hf_open *how, struct hf_conn **c);

/* Queue bytes that stay where and what they are until the peer has acknowledged them, as
 * hf_unacked() tells, or until closed() returns; without closed(), until destroy(). That is
 * static data, or a response that all connections share. They are copied into the packet each
 * time they are sent. -ENOBUFS: no descriptor, of which a connection has 256 (try again in
 * room()); -EPIPE: after hf_shutdown() or hf_close(), and in closed(); -EMSGSIZE: more than 1
 * GiB unacknowledged. */
int hf_send(struct hf_core *h, struct hf_conn *c, const void *bytes, uint32_t len);

/* Queue bytes inside a buffer and give the buffer away: it is released when they are
 * acknowledged. On an error the buffer is still the caller's. */
int hf_send_buf(struct hf_core *h, struct hf_conn *c, struct hf_buf *b, const void *bytes,
        uint32_t len);

/* In data(), once, for the connection that data() is about: hold the packet in which the bytes
 * lie. NULL: this is another place, or this core or this packet has none to spare. Then take 0
 * bytes, and they will come again. If you keep it, take all: what is left must be copied, or
 * the peer sends it again. */
struct hf_buf *hf_keep(struct hf_core *h, struct hf_conn *c);

/* A buffer to write into, with *room bytes, 1,024 at the least. NULL: there is none to spare.
 */
struct hf_buf *hf_buf_alloc(struct hf_core *h, uint8_t **bytes, uint32_t *room);
void hf_buf_free(struct hf_core *h, struct hf_buf *b);

/* FIN after what is queued; data() goes on (half-close). -EPIPE: it was called before, or the
 * connection has ended. */
int hf_shutdown(struct hf_core *h, struct hf_conn *c);
/* FIN after what is queued, and no more interest: bytes that data() has not taken, or that
 * arrive later, are answered with RST (RFC 9293 3.10.7, RFC 1122 4.2.2.13). */
void hf_close(struct hf_core *h, struct hf_conn *c);
/* As hf_close(), but those bytes are taken and forgotten, so that no RST can overtake what is
 * queued (the lingering close of RFC 9112 9.6).
 * After hf_linger() or hf_close() the stack itself sees to the end. A peer that never closes is
 * given up after the FIN-WAIT-2 timeout, one that keeps its window shut after as many probes as
 * there would be retransmissions, and one that reads less than 500 bytes a second after five
 * minutes of that. */
void hf_linger(struct hf_core *h, struct hf_conn *c);
/* RST now; what is queued is dropped (RFC 9293 3.9.1.6). */
void hf_abort(struct hf_core *h, struct hf_conn *c);

/* The connection has one deadline, `ms` from now, 12 days at the most; 0: none, as at first. To
 * set it again costs next to nothing, for each segment too. hf_close() and hf_linger() end it.
 */
void hf_deadline(struct hf_core *h, struct hf_conn *c, uint32_t ms);
/* The peer made progress: the deadline, if there is one, comes `ms` later, but never more than
 * `most_ms` from now. With a time for each byte a slow peer has an end, however it doses its
 * bytes. */
void hf_deadline_later(struct hf_core *h, struct hf_conn *c, uint32_t ms, uint32_t most_ms);

/* From opened() on: offer the peer a window of at most `bytes`, less what is held for data(),
 * which comes again unless `bytes` is 0. An offer is not taken back (RFC 9293 3.8.6).
 * At first: the stack's window. Less than a segment, or than half of that window if that is
 * smaller, counts as none. */
void hf_recv_room(struct hf_core *h, struct hf_conn *c, uint32_t bytes);
/* There is room again for bytes that data() did not take: it is called with them when this
 * event returns, or at the end of the turn. */
void hf_resume(struct hf_core *h, struct hf_conn *c);

/* How many of the bytes to come lie before the peer's urgent mark. The last of them is the
 * out-of-band byte of sockets. 0: there is no mark, or it was passed. In data(): from `bytes`
 * on. There is no call to send such marks (RFC 6093 5: none should). */
uint32_t hf_urgent(struct hf_core *h, const struct hf_conn *c);

/* From the next segment on: the differentiated services code point, 0 to 63 (RFC 2474; a change
 * in the midst of a stream may reorder it, RFC 9293 3.9.2); the time to live, 1 to 255; how
 * often text or FIN is sent again, or a shut window probed without an answer, before
 * HF_TIMEOUT, 1 to 15 (R2 of RFC 9293 3.8.3). At first: the stack's. TIME-WAIT has the stack's
 * again. -EINVAL: out of range. */
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

/* 0: the stack does not drain. Else how many milliseconds it will be before what is open is
 * reset, 1 at the least; it may be sooner, once nothing is owed to any peer. An application
 * that answers a request meanwhile says that it was the last one. */
uint32_t hf_draining(const struct hf_core *h);

/* The turn's time, on the core's monotonic clock. */
uint64_t hf_now_us(const struct hf_core *h);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
