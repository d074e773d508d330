/* SPDX-License-Identifier: BSD-3-Clause */
/* document: a JSON document that an input has changed, so that a fuzzer need not spell one. An
 * input is [node: 2 bytes, little-endian][what][length][bytes]... Nodes are counted as they are
 * written, modulo their number.
 *
 * Bounds  DOCUMENT_NODES are counted; a document grows no further beyond. */
#ifndef FUZZ_DOCUMENT_H
#define FUZZ_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define DOCUMENT_NODES 2000

enum document_change {
	DOCUMENT_INTEGER, /* up to 8 bytes, little-endian */
	DOCUMENT_REAL,    /* as text */
	DOCUMENT_STRING,
	DOCUMENT_BOUND, /* one of some integers */
	DOCUMENT_NULL,
	DOCUMENT_TRUE,
	DOCUMENT_FALSE,
	DOCUMENT_ARRAY, /* empty ones */
	DOCUMENT_OBJECT,
	DOCUMENT_DELETE,
	DOCUMENT_AGAIN, /* once more, behind it or under another name */
	DOCUMENT_COPY,  /* of another node */
	DOCUMENT_CHANGES,
};

/* doc is changed. */
void document_change(json_t *doc, const uint8_t *data, size_t size);

#endif
