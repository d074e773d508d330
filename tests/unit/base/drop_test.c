/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of drop reasons. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

#include "base/drop.h"

Test(drop, names_are_the_enum_in_lower_case)
{
	cr_expect_str_eq(drop_name(DROP_NONE), "none");
	cr_expect_str_eq(drop_name(DROP_ETH_SHORT), "eth_short");
	cr_expect_str_eq(drop_name(DROP_TCP_CHECKSUM), "tcp_checksum");
	cr_expect_str_eq(drop_name(DROP_TX_FULL), "tx_full");
#define X(name, text) cr_expect_eq(strcasecmp(drop_name(DROP_##name), #name), 0);
	DROP_REASONS(X)
#undef X
}

Test(drop, names_are_words_for_json_and_differ)
{
	for (unsigned i = 0; i < DROP_COUNT; i++) {
		for (const char *p = drop_name((enum drop)i); *p != '\0'; p++)
			cr_expect(islower(*p) || isdigit(*p) || *p == '_', "%s",
			        drop_name((enum drop)i));
		for (unsigned k = 0; k < i; k++)
			cr_expect_str_neq(drop_name((enum drop)i), drop_name((enum drop)k));
	}
}

Test(drop, texts_say_it_to_a_person)
{
	cr_expect_str_eq(drop_text(DROP_TCP_CHECKSUM), "TCP checksum wrong");
	for (unsigned i = 0; i < DROP_COUNT; i++)
		cr_expect_gt(strlen(drop_text((enum drop)i)), 5u);
}
