/* SPDX-License-Identifier: BSD-3-Clause */
/* http_body: what a response carries: a made page or a file's content.
 *
 * Threads    made on the main core, never changed; the count of its users is
 *            atomic, and goes up and down in set-up alone.
 * Ownership  who holds a reference may send its bytes by pointer.
 */
#ifndef APP_HTTP_BODY_H
#define APP_HTTP_BODY_H

#include <stdatomic.h>
#include <stdint.h>

struct http_body {
	atomic_uint users;
	uint32_t len;
	uint8_t *bytes;
	const char *type; /* Content-Type */
	char *path;       /* the file's; NULL for a made page */
	const char *name; /* it is found at /name, too; "" if only at / */
};

struct http_body *http_body_use(struct http_body *b);
void http_body_release(struct http_body *b);

#endif
