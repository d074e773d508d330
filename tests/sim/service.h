/* SPDX-License-Identifier: BSD-3-Clause */
/* service: the server's application, and its log.
 *
 * One service has several ways. It sends text back in the packets in which it came (by handle),
 * or takes one stream and sends another one (by pointer, or out of buffers that it fills). It
 * takes all, a part, or nothing for a while. It closes in each possible way. */
#ifndef TESTS_SIM_SERVICE_H
#define TESTS_SIM_SERVICE_H

#include "handfast/handfast.h"
#include "sim.h"

enum service_mode {
	MODE_ECHO,   /* hf_keep(), hf_send_buf() */
	MODE_STATIC, /* hf_send() */
	MODE_FILLED, /* hf_buf_alloc(), hf_send_buf() */
};

enum service_end {
	END_AFTER_PEER, /* hf_close() when the peer has closed and all is queued */
	END_SHUTDOWN,   /* hf_shutdown() when all is queued, hf_close() after the peer */
	END_CLOSE,      /* hf_close() when all is queued and all has come */
	END_LINGER,     /* hf_linger() when all is queued */
	END_RUDE,       /* hf_close() when all is queued, whatever may still come */
};

struct session_conf {
	enum service_mode mode;
	enum service_end end;
	uint32_t in, in_at;   /* the stream in */
	uint32_t out, out_at; /* the stream out; MODE_ECHO: the same */
	uint32_t out_after;   /* bytes in before it starts */
	uint32_t chunk;       /* bytes per call, at most */
	bool partial;         /* does not always take all */
	uint32_t pause_after; /* it closes its window after this number of bytes; 0: never */
	uint32_t room;        /* bytes of window then and at first; 0: the stack's */
	uint32_t abort_at;    /* hf_abort() after this number of bytes in; UINT32_MAX: never */
};

struct session {
	struct session_conf conf;
	struct rng rng;
	struct hf_core *core;
	struct hf_conn *conn;
	unsigned opened, closed, peer_closed;
	enum hf_reason why;
	uint32_t got, queued;
	uint32_t shut_at; /* window closed at; UINT32_MAX: it is not */
	bool ended, aborted;
};

#define SESSION_PORT 10000 /* of the client of session 0, host order */
#define SESSIONS     64

struct sessions {
	struct session s[SESSIONS];
};

/* self: struct sessions */
extern const struct hf_service sim_service;

/* The same for connections that were opened with hf_connect(): hf_ctx() is the
 * session. */
extern const struct hf_service sim_opener;

/* hf_connect() has returned c: queue text before it is opened. */
void session_connecting(struct session *s, struct hf_core *h, struct hf_conn *c, bool at_once);

/* Act from outside any event of s, as another connection would: send text that found no buffer,
 * or open the window again. */
void session_tick(struct session *s);

#endif
