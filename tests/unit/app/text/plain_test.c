/* SPDX-License-Identifier: BSD-3-Clause */
/* Text without control characters. */
#include <criterion/criterion.h>
#include <string.h>

#include "text/error.h"
#include "text/plain.h"

static const char *
printed(const char *text)
{
	static char got[256];
	FILE *f = fmemopen(got, sizeof(got), "w");

	plain_print(f, text);
	fclose(f);
	return got;
}

Test(plain, text_stays_as_it_is)
{
	cr_expect_str_eq(printed(""), "");
	cr_expect_str_eq(printed("a 'b' \\ \"c\""), "a 'b' \\ \"c\"");
	cr_expect_str_eq(printed("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9f"),
	        "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9f");
	cr_expect_null(plain_find("caf\xc3\xa9"));
}

Test(plain, what_a_terminal_obeys_is_shown)
{
	cr_expect_str_eq(printed("\x1b]0;x\a\r\n\t\x7f"), "\\x1b]0;x\\x07\\x0d\\x0a\\x09\\x7f");
	cr_expect_str_eq(printed("\xc2\x9b"
	                         "2J"),
	        "\\xc2\\x9b2J");
}

/* RFC 3629 3 and 4: longer than need be, surrogates, beyond U+10FFFF, cut off. */
Test(plain, what_is_not_utf_8_is_shown)
{
	cr_expect_str_eq(printed("\x9b\xff"), "\\x9b\\xff");
	cr_expect_str_eq(printed("\xc0\x9b"), "\\xc0\\x9b");
	cr_expect_str_eq(printed("\xe0\x82\x9b"), "\\xe0\\x82\\x9b");
	cr_expect_str_eq(printed("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	cr_expect_str_eq(printed("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	cr_expect_str_eq(printed("a\xe2\x82"), "a\\xe2\\x82");
}

Test(plain, errors_quote_others_harmlessly)
{
	char got[256];
	FILE *f = fmemopen(got, sizeof(got), "w");
	const struct where where = {"a\x1b"
	                            "b",
	        3};
	struct error e;

	error_set(&e, 0, "there is no '%s'", "x\x1b[2J");
	error_fix(&e, 0, "rm %s", "\x1b");
	error_print(f, &where, &e);
	fclose(f);
	cr_expect_str_eq(got, "a\\x1bb:3: there is no 'x\\x1b[2J'\n  to fix it: rm \\x1b\n");
}
