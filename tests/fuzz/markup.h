/* SPDX-License-Identifier: BSD-3-Clause */
/* markup: is a page well-formed, as an XML parser would have it? It knows the parts that our
 * pages use: elements, attributes in double quotes, entities, a DOCTYPE at the beginning. */
#ifndef FUZZ_MARKUP_H
#define FUZZ_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

/* A control character other than a line feed is refused, and so is one of U+0080 to U+009F: a
 * terminal would obey it. */
bool markup_is_plain(const char *text, size_t len);
/* NULL, or the first place that is not well-formed or has a character that XML 2.2 forbids. */
const char *markup_wrong(const char *page);

#endif
