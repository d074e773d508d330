/* SPDX-License-Identifier: BSD-3-Clause */
/* defaults: the values that hold if no other is configured.
 *
 * The numbers are plain literals, because tests/check_docs.py compares what headers, help
 * and documents say about them. Options of `load` have theirs in app/load/spec/options.def.
 *
 * Threads  any: constants.
 * Memory   none.
 */
#ifndef BASE_DEFAULTS_H
#define BASE_DEFAULTS_H

/* The stack of a core. */
#define DEFAULT_CONNS           65536   /* connections */
#define DEFAULT_HALF_OPEN_PART  4       /* one half-open record for N connections */
#define DEFAULT_NEIGHBOURS_MIN  1024    /* MACs on a port's link, at least */
#define DEFAULT_NEIGHBOURS_MAX  1048576 /* MACs on a port's link, at most */
#define DEFAULT_KEPT            8192    /* packet buffers that queues and services hold */
#define DEFAULT_RCV_WND         262144  /* bytes of receive window */
#define DEFAULT_SYN_RATE        50000   /* SYNs a second without an ACK; more are a flood */
#define DEFAULT_ANSWERS_PER_S   262144  /* resets, and answers of each other kind */
#define DEFAULT_SOURCE_PORT_MIN 1024    /* RFC 6056 3.2 */
#define DEFAULT_SOURCE_PORT_MAX 65535

/* TCP's times and counts. */
#define DEFAULT_MSL_MS          30000 /* TIME-WAIT lasts twice as long */
#define DEFAULT_FIN_WAIT_2_MS   60000
#define DEFAULT_ORPHAN_MS       300000 /* for a slow reader, once the application has left */
#define DEFAULT_RTO_MIN_MS      200    /* RFC 6298 2.4: 1 s SHOULD; docs/rfc.md has why */
#define DEFAULT_SYN_RETRIES     5      /* SYN-ACKs sent again */
#define DEFAULT_CONNECT_RETRIES 7      /* SYNs sent again: 3 minutes (RFC 9293 3.8.3) */
#define DEFAULT_RETRIES         10     /* R2 (RFC 9293 3.8.3) */

/* Packet buffers of a worker. */
#define DEFAULT_PACKETS       16383 /* of an embedder's */
#define DEFAULT_POOL          16384 /* of the program's */
#define DEFAULT_POOL_PER_PORT 4096  /* and this number more for each port */

/* The program. */
#define DEFAULT_LOAD_WAIT_S       60     /* for a load's link and its next hop */
#define DEFAULT_DRAIN_MS          5000   /* for connections to end when the program does */
#define DEFAULT_DRAIN_S           30     /* the same after the command `drain` */
#define DEFAULT_IDLE_MS           300000 /* for a peer of echo, discard or chargen */
#define DEFAULT_HTTP_BODY         512    /* bytes of the page that http makes */
#define DEFAULT_HTTP_HEADER_MS    60000  /* nginx's client_header_timeout */
#define DEFAULT_HTTP_BODY_MS      60000  /* nginx's client_body_timeout */
#define DEFAULT_HTTP_KEEPALIVE_MS 75000  /* nginx's keepalive_timeout */
#define DEFAULT_HTTP_SEND_MS      60000  /* nginx's send_timeout */

#endif
