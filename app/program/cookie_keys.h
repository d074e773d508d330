/* SPDX-License-Identifier: BSD-3-Clause */
/* cookie_keys: a file of master keys for SYN cookies, for hosts that answer for one
 * address.
 *
 *	# id  key                               not-before
 *	1     7d1f...32 hexadecimal digits...   0
 *	2     b80c...                           2026-11-21T00:00:00Z
 *
 * Threads  any.
 * Errors   -errno, and e says file, line, cause and fix; what was read so far
 *          is gone. No message has anything of a line in it but its number: words
 *          may have been swapped, and one of them is secret.
 * Memory   none is left that holds a key, but the caller's.
 */
#ifndef APP_COOKIE_KEYS_H
#define APP_COOKIE_KEYS_H

#include "syn/keys.h"
#include "text/error.h"

/* All of the file, or an error and out as it was. now_s: one key must be in force
 * then. */
int cookie_keys_read(
        const char *path, uint64_t now_s, struct cookie_masters *out, struct error *e);

/* The key that counts at now_s, and the one that follows it; NULL: none. */
const struct cookie_master *cookie_keys_current(const struct cookie_masters *m, uint64_t now_s);
const struct cookie_master *cookie_keys_next(const struct cookie_masters *m, uint64_t now_s);

/* "2026-11-21T00:00:00Z" (RFC 3339) */
#define COOKIE_KEYS_TIME 24
const char *cookie_keys_time(uint64_t s, char text[COOKIE_KEYS_TIME]);

#endif
