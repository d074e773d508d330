/* SPDX-License-Identifier: BSD-3-Clause */
/* http_body: the content of a response: a generated page or a file.
 *
 * Threads    made on the main core and never changed. The count of its users is atomic, and
 *            changes only when listeners open and close.
 * Ownership  the holder of a reference may send the bytes by pointer.
 * Memory     on the heap; the last http_body_release() frees it.
 * Bounds     HTTP_BODY_MAX bytes.
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
	char *path;       /* the path of the file; NULL for a generated page */
	const char *name; /* the body is served at /name as well as at /; "": only at / */
};

struct http_body *http_body_use(struct http_body *b);
void http_body_release(struct http_body *b);

#endif
