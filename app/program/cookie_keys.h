/* SPDX-License-Identifier: BSD-3-Clause */
/* cookie_keys: a file of master keys for SYN cookies, shared by hosts that answer for the
 * same address.
 *
 *	# id  key                               not-before
 *	1     7d1f...32 hexadecimal digits...   0
 *	2     b80c...                           2026-11-21T00:00:00Z
 *
 * Threads  any.
 * Memory   only the caller's struct holds keys after a call; all copies are wiped.
 * Errors   -errno, with e filled in: file, line, cause and fix. The keys read so far are
 *          wiped. A message contains the number of a line, but no text from it: words may be
 *          in the wrong order, and one of them is secret.
 * Bounds   COOKIE_MASTERS_MAX keys.
 */
#ifndef APP_COOKIE_KEYS_H
#define APP_COOKIE_KEYS_H

#include "syn/keys.h"
#include "text/error.h"

/* Reads the whole file. After an error `out` is unchanged. One key must be in force at
 * now_s. */
int cookie_keys_read(
        const char *path, uint64_t now_s, struct cookie_masters *out, struct error *e);

/* The key that is in force at now_s; NULL: none. */
const struct cookie_master *cookie_keys_current(const struct cookie_masters *m, uint64_t now_s);
/* The key that comes into force next after now_s; NULL: none. */
const struct cookie_master *cookie_keys_next(const struct cookie_masters *m, uint64_t now_s);

/* "2026-11-21T00:00:00Z" (RFC 3339) */
#define COOKIE_KEYS_TIME 24
const char *cookie_keys_time(uint64_t s, char text[COOKIE_KEYS_TIME]);

#endif
