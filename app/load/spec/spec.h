/* SPDX-License-Identifier: BSD-3-Clause */
/* spec: the load that a command asks for.
 *
 * Both loops have a warm-up, in which the load grows from 0, and a steady window after it,
 * which is measured. Each field of an option has a row in the table of options (options.def).
 *
 * Threads    read-only once the load runs.
 * Ownership  a spec holds its own texts.
 * Errors     -EINVAL with a text.
 * Bounds     LOAD_PATH, LOAD_FILE and LOAD_PAYLOAD_MAX bytes.
 */
#ifndef APP_LOAD_SPEC_H
#define APP_LOAD_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/be.h"
#include "load/spec/expectation.h"
#include "load/spec/status_set.h"

#define LOAD_PATH        256
#define LOAD_FILE        512
#define LOAD_PAYLOAD_MAX (16u << 20)

enum load_kind {
	LOAD_HTTP, /* HTTP/1.1 requests */
	LOAD_TCP,  /* connect, send `payload` bytes if any, close */
	LOAD_ECHO, /* send `payload` bytes and expect the same back (RFC 862) */
};

#define LOAD_KINDS (LOAD_ECHO + 1)

enum load_close {
	LOAD_CLOSE_FIN,    /* we close first, so TIME-WAIT is on our side */
	LOAD_CLOSE_RST,    /* we reset after the last answer */
	LOAD_CLOSE_SERVER, /* the server closes first, so TIME-WAIT is on its side */
};

struct load_url {
	enum load_kind kind;
	be32 addr;
	be16 port;
	char path[LOAD_PATH]; /* http: begins with '/'; others: "" */
};

struct load_spec {
	struct load_url url;
	double rate;          /* connections a second, of all cores; 0: closed loop */
	uint32_t concurrency; /* closed loop: open connections of all cores */
	double duration_s;    /* length of the steady window */
	double warmup_s;      /* length of the warm-up */
	uint32_t requests;    /* of each connection, one after the other */
	enum load_close close;
	uint32_t payload; /* bytes to echo, to send after a tcp connect, or to POST by http */
	/* The time of a request; the handshake counts to the first, the close to the last. */
	uint32_t timeout_ms;
	char json[LOAD_FILE];     /* "": no JSON report */
	char html[LOAD_FILE];     /* "": no HTML report */
	struct status_set accept; /* http: statuses that complete; empty: 2xx */
	struct expectations expect;
};

/* Parses a URL as "http://192.0.2.1:8080/page": 0, or -EINVAL and why. The port may be left
 * out for http (80) and echo (7). */
int load_url_parse(const char *text, struct load_url *url, char *why, unsigned whylen);
/* The URL as text that load_url_parse() takes. */
void load_url_print(const struct load_url *url, char *text, unsigned size);
const char *load_kind_name(enum load_kind k);   /* "http" */
const char *load_close_name(enum load_close c); /* "fin" */

#endif
