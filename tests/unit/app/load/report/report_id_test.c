/* SPDX-License-Identifier: BSD-3-Clause */
/* The identity of a report's load. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

#include "load/report/report_id.h"
#include "report_sample.h"

static char why[256];

static json_t *
doc_of(const char *text)
{
	json_t *doc = json_loads(text, 0, NULL);

	cr_assert(doc != NULL, "%s", text);
	return sample_hold(doc);
}

static bool
repeats(const char *a, const char *b)
{
	json_t *docs[2] = {doc_of(a), doc_of(b)};

	why[0] = '\0';
	return report_id_repeats(docs, 2, why, sizeof(why));
}

static void
says(const char *part)
{
	cr_expect(strstr(why, part) != NULL, "'%s' is not in: %s", part, why);
}

/* RFC 9562 5.4 */
Test(load_report_id, is_a_random_uuid)
{
	char a[REPORT_ID], b[REPORT_ID];

	report_id_make(a);
	report_id_make(b);
	cr_assert_eq(strlen(a), 36);
	for (unsigned i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23)
			cr_expect_eq(a[i], '-');
		else
			cr_expect(isxdigit((unsigned char)a[i]));
	}
	cr_expect_eq(a[14], '4');
	cr_expect(strchr("89ab", a[19]) != NULL);
	cr_expect_str_neq(a, b);
}

Test(load_report_id, two_of_one_load_repeat_whatever_else_they_say)
{
	cr_expect(repeats("{\"id\": \"x\", \"n\": 1}", "{\"id\": \"x\", \"n\": 2}"));
	says("files 1 and 2 are the same report");
	cr_expect_not(repeats("{\"id\": \"x\"}", "{\"id\": \"y\"}"));
}

Test(load_report_id, a_part_repeats_what_it_was_merged_into)
{
	cr_expect(repeats("{\"id\": \"xy\", \"parts\": [\"x\", \"y\"]}", "{\"id\": \"x\"}"));
	says("have a load in common");
	says(": x");
	cr_expect(repeats("{\"id\": \"z\"}", "{\"id\": \"yz\", \"parts\": [\"y\", \"z\"]}"));
	cr_expect(repeats("{\"id\": \"xy\", \"parts\": [\"x\", \"y\"]}",
	        "{\"id\": \"yz\", \"parts\": [\"y\", \"z\"]}"));
	cr_expect_not(
	        repeats("{\"id\": \"xy\", \"parts\": [\"x\", \"y\"]}", "{\"id\": \"z\"}"));
}

Test(load_report_id, one_that_lists_a_part_twice_repeats_by_itself)
{
	json_t *doc = doc_of("{\"id\": \"xx\", \"parts\": [\"x\", \"x\"]}");

	cr_expect(report_id_repeats(&doc, 1, why, sizeof(why)));
	says("twice");
}

/* Reports of an older version. */
Test(load_report_id, without_an_id_the_content_tells)
{
	cr_expect(repeats("{\"n\": 1, \"m\": 2}", "{\"m\": 2, \"n\": 1}"));
	cr_expect_not(repeats("{\"n\": 1}", "{\"n\": 2}"));
	cr_expect(repeats("{\"id\": \"\", \"n\": 1}", "{\"id\": \"\", \"n\": 1}"));
}

Test(load_report_id, parts_of_older_ones_are_known_again)
{
	json_t *old = doc_of("{\"n\": 1}");
	json_t *merged = sample_hold(
	        json_pack("{s:s, s:o}", "id", "m", "parts", report_id_parts(old)));

	cr_expect(report_id_repeats((json_t *[]) {merged, old}, 2, why, sizeof(why)));
}
