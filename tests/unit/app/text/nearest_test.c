/* SPDX-License-Identifier: BSD-3-Clause */
/* The nearest word to a misspelt one. */
#include <criterion/criterion.h>

#include "text/nearest.h"

static const char *const words[] = {"port", "listen", "http", "connections", "lcore", NULL};

Test(nearest_distance, counts_each_kind_of_slip_as_one)
{
	cr_expect_eq(nearest_distance("listen", "listen"), 0);
	cr_expect_eq(nearest_distance("lsten", "listen"), 1, "left out");
	cr_expect_eq(nearest_distance("liisten", "listen"), 1, "too much");
	cr_expect_eq(nearest_distance("lizten", "listen"), 1, "another");
	cr_expect_eq(nearest_distance("lisetn", "listen"), 1, "swapped");
	cr_expect_eq(nearest_distance("", "listen"), 6);
	cr_expect_eq(nearest_distance("kitten", "sitting"), 3);
}

Test(nearest_distance, is_symmetric_and_blind_to_case)
{
	cr_expect_eq(nearest_distance("LISTEN", "listen"), 0);
	cr_expect_eq(nearest_distance("abcd", "badc"), nearest_distance("badc", "abcd"));
}

Test(nearest, finds_the_word_that_was_meant)
{
	cr_expect_str_eq(nearest("prot", words), "port");
	cr_expect_str_eq(nearest("htpp", words), "http");
	cr_expect_str_eq(nearest("LISTEN", words), "listen");
	cr_expect_str_eq(nearest("conectoins", words), "connections");
}

Test(nearest, takes_a_beginning_for_the_word)
{
	cr_expect_str_eq(nearest("conn", words), "connections");
	cr_expect_str_eq(nearest("lis", words), "listen");
}

Test(nearest, finds_nothing_where_nothing_is_near)
{
	cr_expect_null(nearest("elephant", words));
	cr_expect_null(nearest("", words));
	cr_expect_null(nearest("x", words));
	cr_expect_null(nearest("port", (const char *const[]) {NULL}));
}

Test(nearest, survives_long_words)
{
	char word[300];

	memset(word, 'a', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	cr_expect_null(nearest(word, words));
}
