/* SPDX-License-Identifier: BSD-3-Clause */
/* document: a file that is written as a whole, as a report is, to whatever its path names.
 *
 *	a regular file, or nothing yet   beside it, then renamed: a reader sees the old
 *	                                 document or the new one, never a half. Links are
 *	                                 followed, mode and owner stay. In place where the
 *	                                 folder does not allow another file
 *	a device, a FIFO                 into it; a FIFO that nobody reads is refused
 *	a folder, a socket               refused
 *	"-", or the same file as stdout  standard output
 *
 * Threads    document_write() on any, one at a time; document_claim_stdout() before there
 *            are others.
 * Ownership  paths are borrowed.
 * Memory     nothing is kept but the number of the file that was standard output.
 * Errors     -errno; document_why() says it in words.
 */
#ifndef APP_DOCUMENT_H
#define APP_DOCUMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "text/error.h"

typedef void (*document_fn)(FILE *f, const void *what);

/* Would document_write() fail? -EINVAL, and e says why. A FIFO's reader is not looked for:
 * it would see an end. */
int document_check(const char *path, struct error *e);
int document_write(const char *path, document_fn print, const void *what);
/* Of an error, which may be negative. */
const char *document_why(int err);

/* Would the second document take the place of the first, or be mixed with it? */
bool document_same(const char *a, const char *b);
bool document_is_stdout(const char *path);

/* From here on standard output is for documents alone: what else is said there goes to
 * stderr. Without it, a document is one more thing that is said there. */
void document_claim_stdout(void);

#endif
