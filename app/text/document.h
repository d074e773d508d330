/* SPDX-License-Identifier: BSD-3-Clause */
/* document: a file that is written as a whole, for example a report. Its path may name
 *
 *	a regular file, or nothing yet   a new file is written beside it and renamed: a
 *	                                 reader sees the old document or the new one, never
 *	                                 a part. Links are followed; mode and owner stay.
 *	                                 The file is written in place where its folder does
 *	                                 not allow another file
 *	a device, a FIFO                 it is opened and written; a FIFO without a reader is
 *	                                 refused
 *	a folder, a socket               refused
 *	"-", or the same file as stdout  the document goes to standard output
 *
 * Threads    document_write() may run on any thread, one call at a time.
 *            document_claim_stdout() runs before other threads start.
 * Ownership  the caller keeps the paths.
 * Memory     the module keeps only a descriptor of the file that was standard output.
 * Errors     -errno; document_why() returns it in words.
 */
#ifndef APP_DOCUMENT_H
#define APP_DOCUMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "text/error.h"

typedef void (*document_fn)(FILE *f, const void *what);

/* Returns -EINVAL if document_write() would fail, and e says why. A FIFO is not opened: its
 * reader would see an end of file. */
int document_check(const char *path, struct error *e);
int document_write(const char *path, document_fn print, const void *what);
/* The reason in words; `err` is an errno, negative or not. */
const char *document_why(int err);

/* Would the second document take the place of the first, or be mixed with it? */
bool document_same(const char *a, const char *b);
bool document_is_stdout(const char *path);

/* Reserves standard output for documents. From then on all other output of the program to
 * stdout goes to stderr. Without this call, documents and other output share stdout. */
void document_claim_stdout(void);

#endif
