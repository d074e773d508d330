/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/report_paths.h"

static char folder[] = "report_paths_test.XXXXXX";

static void
begin(void)
{
	cr_assert(mkdtemp(folder) != NULL && chdir(folder) == 0);
	close(open("there", O_CREAT | O_WRONLY, 0600));
	close(open("other", O_CREAT | O_WRONLY, 0600));
	cr_assert_eq(mkdir("sub", 0700), 0);
}

static void
end(void)
{
	char remove[64];

	snprintf(remove, sizeof(remove), "rm -r %s", folder);
	cr_assert_eq(chdir(".."), 0);
	cr_assert_eq(system(remove), 0);
}

TestSuite(load_report_paths, .init = begin, .fini = end);

Test(load_report_paths, files_that_are_there)
{
	cr_expect(report_paths_same("there", "there"));
	cr_expect(report_paths_same("there", "./sub/../there"));
	cr_expect_not(report_paths_same("there", "other"));
	cr_expect_not(report_paths_same("there", "missing"));
}

Test(load_report_paths, links_of_both_kinds)
{
	cr_assert_eq(link("there", "hard"), 0);
	cr_assert_eq(symlink("../there", "sub/soft"), 0);
	cr_assert_eq(symlink("sub/soft", "twice"), 0);
	cr_expect(report_paths_same("there", "hard"));
	cr_expect(report_paths_same("sub/soft", "there"));
	cr_expect(report_paths_same("twice", "hard"));
	cr_expect_not(report_paths_same("twice", "other"));
}

Test(load_report_paths, files_that_are_not_there_yet)
{
	cr_assert_eq(symlink("../new", "sub/soft"), 0);
	cr_expect(report_paths_same("new", "./new"));
	cr_expect(report_paths_same("sub/../new", "new"));
	cr_expect(report_paths_same("sub/soft", "new"));
	cr_expect_not(report_paths_same("new", "sub/new"));
	cr_expect_not(report_paths_same("no/such/new", "new"));
}

Test(load_report_paths, links_in_a_circle_end)
{
	cr_assert_eq(symlink("b", "a"), 0);
	cr_assert_eq(symlink("a", "b"), 0);
	cr_expect_not(report_paths_same("a", "there"));
}

Test(load_report_paths, a_device_may_be_said_twice_by_two_names)
{
	cr_assert_eq(symlink("/dev/null", "null"), 0);
	cr_expect_not(report_paths_same("null", "/dev/null"));
}
