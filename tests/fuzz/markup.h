/* SPDX-License-Identifier: BSD-3-Clause */
/* markup: is a page well-formed, as an XML parser would have it? Of what our pages use:
 * elements, attributes in double quotes, entities, a DOCTYPE at the beginning. */
#ifndef FUZZ_MARKUP_H
#define FUZZ_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

/* No control character but line feeds, nor one of U+0080 to U+009F: a terminal would obey it.
 */
bool markup_is_plain(const char *text, size_t len);
/* NULL, or where it is not well-formed, or has what is no character (XML 2.2). */
const char *markup_wrong(const char *page);

#endif
