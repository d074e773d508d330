/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of the tables of drop reasons: names, texts and severities. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

#include "base/drop.h"

Test(drop, names_are_the_enum_in_lower_case)
{
	cr_expect_str_eq(drop_name(DROP_NONE), "none");
#define X(reason, name, severity, text) cr_expect_eq(strcasecmp(name, #reason), 0, "%s", name);
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

Test(drop, a_reason_has_the_name_text_and_severity_of_its_row)
{
	cr_expect_str_eq(drop_name(DROP_TCP_CHECKSUM), "tcp_checksum");
	cr_expect_str_eq(drop_text(DROP_TCP_CHECKSUM), "TCP checksum wrong");
	cr_expect_eq(drop_severity(DROP_TCP_CHECKSUM), SEVERITY_PEER);
	cr_expect_eq(drop_severity(DROP_TX_FULL), SEVERITY_LIMIT);
	cr_expect_eq(drop_severity(DROP_COOKIE_WRONG), SEVERITY_ATTACK);
	cr_expect_eq(drop_severity(DROP_TCP_OLD), SEVERITY_NORMAL);
	for (unsigned i = 0; i < DROP_COUNT; i++)
		cr_expect_gt(strlen(drop_text((enum drop)i)), 5u);
}

Test(drop, a_severity_has_a_name_and_a_sentence)
{
	cr_expect_str_eq(severity_name(SEVERITY_LIMIT), "limit");
	cr_expect_str_eq(severity_name(SEVERITY_NORMAL), "normal");
	for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
		const char *text = severity_text((enum drop_severity)i);

		cr_expect(isupper(text[0]));
		cr_expect_eq(text[strlen(text) - 1], '.');
	}
}

/* An operator can act on it first. */
Test(drop, severities_begin_with_limits_of_this_host_and_end_with_what_is_normal)
{
	cr_expect_eq(SEVERITY_LIMIT, 0);
	cr_expect_eq(SEVERITY_NORMAL, SEVERITY_COUNT - 1);
}
