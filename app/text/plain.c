/* SPDX-License-Identifier: BSD-3-Clause */
/* Which bytes a terminal may be shown, and printing of text that holds others. */
#include "text/plain.h"

#include <stdint.h>
#include <string.h>

/* The number of UTF-8 bytes that follow a first byte (RFC 3629 3); -1: it is no first byte. */
static int
further_bytes(uint8_t first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first <= 0xdf)
		return 1;
	if (first >= 0xe0 && first <= 0xef)
		return 2;
	return first >= 0xf0 && first <= 0xf4 ? 3 : -1;
}

size_t
plain_char(const char *text)
{
	const uint8_t *b = (const uint8_t *)text;
	int n = further_bytes(b[0]);

	if (n < 0 || b[0] < ' ' || b[0] == 0x7f)
		return 0;
	for (int i = 1; i <= n; i++) {
		if (b[i] < 0x80 || b[i] > 0xbf)
			return 0;
	}
	if ((b[0] == 0xc2 && b[1] < 0xa0) || (b[0] == 0xe0 && b[1] < 0xa0) ||
	        (b[0] == 0xed && b[1] > 0x9f) || (b[0] == 0xf0 && b[1] < 0x90) ||
	        (b[0] == 0xf4 && b[1] > 0x8f))
		return 0; /* a C1 control, an overlong form, or no Unicode character */
	return (size_t)n + 1;
}

const char *
plain_find(const char *text)
{
	size_t n;

	for (; *text != '\0'; text += n) {
		n = plain_char(text);
		if (n == 0)
			return text;
	}
	return NULL;
}

/* Writes as few parts as possible, because stderr has no buffer. */
void
plain_print(FILE *f, const char *text)
{
	while (*text != '\0') {
		const char *bad = plain_find(text);
		size_t n = bad != NULL ? (size_t)(bad - text) : strlen(text);

		if (n > 0)
			fwrite(text, 1, n, f);
		text += n;
		if (bad != NULL)
			fprintf(f, "\\x%02x", (uint8_t)*text++);
	}
}
