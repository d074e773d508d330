/* SPDX-License-Identifier: BSD-3-Clause */
/* spec: what a load is to do, as the command says it.
 *
 * Both loops have a warm-up, in which the load grows from nothing (slow start),
 * and a steady window after it, of which the figures are. The fields of options have a row
 * each in the table of options (options.def).
 *
 * Threads    read-only once the load runs.
 * Ownership  a spec holds its own texts.
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
	LOAD_HTTP, /* requests and answers, HTTP/1.1 */
	LOAD_TCP,  /* connect; send `payload` bytes if any; close */
	LOAD_ECHO, /* send `payload` bytes, expect the same (RFC 862) */
};

#define LOAD_KINDS (LOAD_ECHO + 1)

enum load_close {
	LOAD_CLOSE_FIN,    /* we close first, in order: TIME-WAIT is ours */
	LOAD_CLOSE_RST,    /* we reset after the last answer */
	LOAD_CLOSE_SERVER, /* the server closes first: TIME-WAIT is its */
};

struct load_url {
	enum load_kind kind;
	be32 addr;
	be16 port;
	char path[LOAD_PATH]; /* http: from '/' on; others: "" */
};

struct load_spec {
	struct load_url url;
	double rate; /* connections started in a second, of all cores; 0: closed loop */
	uint32_t concurrency; /* closed loop: connections open at a time, of all cores */
	double duration_s;    /* the steady window */
	double warmup_s;
	uint32_t requests; /* of each connection, one after the other */
	enum load_close close;
	uint32_t payload; /* bytes: of each echo; sent after a tcp connect; POSTed with http */
	/* Of a request; the first counts from the opening, the last includes the close. */
	uint32_t timeout_ms;
	char json[LOAD_FILE]; /* "": none */
	char html[LOAD_FILE];
	struct status_set accept; /* http: answers that complete; none: 2xx */
	struct expectations expect;
};

/* "http://192.0.2.1:8080/page": 0, or -EINVAL and why. The port may be left out
 * for http (80) and echo (7). */
int load_url_parse(const char *text, struct load_url *url, char *why, unsigned whylen);
/* As it may be written. */
void load_url_print(const struct load_url *url, char *text, unsigned size);
const char *load_kind_name(enum load_kind k);   /* "http" */
const char *load_close_name(enum load_close c); /* "fin" */

#endif
