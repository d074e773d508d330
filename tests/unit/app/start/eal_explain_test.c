/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines as DPDK 22.11 says them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "start/eal_explain.h"

static struct eal_log l;
static struct error e;

static void
said(const char *a, const char *b, const char *c)
{
	const char *lines[] = {a, b, c};

	for (unsigned i = 0; i < 3 && lines[i] != NULL; i++)
		snprintf(l.line[l.n++], EAL_LOG_LINE, "%s", lines[i]);
}

static int
explain(bool usage, bool limited, const char *option, const char *value)
{
	char program[] = "handfast", one[64], two[64];
	char *argv[] = {program, one, two};
	struct eal_failure f = {.log = &l,
	        .err = EEXIST,
	        .usage = usage,
	        .limited = limited,
	        .argc = option != NULL ? 3 : 1,
	        .argv = argv};

	snprintf(one, sizeof(one), "%s", option != NULL ? option : "");
	snprintf(two, sizeof(two), "%s", value != NULL ? value : "");
	e = (struct error) {"", ""};
	return eal_explain(&f, &e);
}

static void
expect_said(const char *what, const char *fix)
{
	cr_expect_not_null(strstr(e.what, what), "'%s' lacks '%s'", e.what, what);
	cr_expect_not_null(strstr(e.fix, fix), "'%s' lacks '%s'", e.fix, fix);
}

/* rte_errno is EEXIST in all of these. */
Test(eal_explain, the_first_line_is_the_cause)
{
	said("Error creating '/var/run/dpdk': Read-only file system",
	        "Cannot create runtime directory", "Invalid 'command line' arguments.");
	cr_expect_eq(explain(false, false, NULL, NULL), EXIT_ENVIRONMENT);
	expect_said("Error creating '/var/run/dpdk': Read-only file system",
	        "RUNTIME_DIRECTORY=DIR");
}

Test(eal_explain, no_thread)
{
	said("Failed to create thread for interrupt handling",
	        "Cannot init interrupt-handling thread", NULL);
	cr_expect_eq(explain(false, false, NULL, NULL), EXIT_ENVIRONMENT);
	expect_said("Failed to create thread", "ulimit -u");
	cr_expect_null(strstr(e.what, "prefix"));
}

/* EAL names the thing that it could not make: a thread, a folder. */
Test(eal_explain, no_more_files)
{
	struct eal_failure f = {.log = &l, .err = EMFILE, .files = true};

	said("Cannot init interrupt-handling thread", NULL, NULL);
	cr_expect_eq(eal_explain(&f, &e), EXIT_ENVIRONMENT);
	expect_said("the limit of open files is reached: Cannot init", "ulimit -n");
	cr_expect_null(strstr(e.fix, "ulimit -u"));
}

Test(eal_explain, another_program)
{
	said("Cannot create lock on '/var/run/dpdk/rte/config'. Is another primary process "
	     "running?",
	        "Cannot init config", NULL);
	cr_expect_eq(explain(false, false, NULL, NULL), EXIT_ENVIRONMENT);
	expect_said("the same file prefix", "--file-prefix=NAME");
}

Test(eal_explain, memory_that_there_is_not_and_memory_that_may_not_be_had)
{
	said("Cannot get a virtual area: Cannot allocate memory",
	        "Cannot preallocate VA space for hugepage memory", "Cannot init memory");
	cr_expect_eq(explain(false, true, NULL, NULL), EXIT_ENVIRONMENT);
	expect_said("Cannot allocate memory", "ulimit -v unlimited");
	cr_expect_eq(explain(false, false, NULL, NULL), EXIT_ENVIRONMENT);
	expect_said("Cannot allocate memory", "-m 512");
	l.n = 0;
	said("Cannot allocate memseg list: Invalid argument", "Cannot init memory", NULL);
	cr_expect_eq(explain(false, false, NULL, NULL), EXIT_ENVIRONMENT, "-m 99999999");
	expect_said("memseg list", "less memory");
}

Test(eal_explain, a_value_that_eal_does_not_take)
{
	said("invalid core list syntax", "Invalid 'command line' arguments.", NULL);
	cr_expect_eq(explain(true, false, "-l", "x"), EXIT_USAGE);
	expect_said("'-l x': invalid core list syntax", "-l 0-3");
	l.n = 0;
	said("invalid parameters for --iova-mode", "Invalid 'command line' arguments.", NULL);
	cr_expect_eq(explain(true, false, "--iova-mode", "zz"), EXIT_USAGE);
	expect_said("'--iova-mode zz'", "--iova-mode=va");
	l.n = 0;
	said("something new", "Invalid 'command line' arguments.", NULL);
	cr_expect_eq(explain(true, false, NULL, NULL), EXIT_USAGE);
	expect_said("something new", "--log-level=debug");
}

Test(eal_explain, what_is_not_known_is_quoted_and_the_machines)
{
	said("the moon is full", "Cannot init moon", NULL);
	cr_expect_eq(explain(false, false, NULL, NULL), EXIT_ENVIRONMENT);
	expect_said("the moon is full", "--log-level=debug");
	l.n = 0;
	cr_expect_eq(explain(false, false, NULL, NULL), EXIT_ENVIRONMENT);
	expect_said(strerror(EEXIST), "");
}

Test(eal_explain, what_eal_got_over_is_no_cause)
{
	said("hf0: failed to create multiq qdisc.", "some complaint", "and another one");
	said("Cannot create lock on '/x'. Is another primary process running?",
	        "Cannot init config", NULL);
	explain(false, false, NULL, NULL);
	cr_expect_null(strstr(e.what, "qdisc"));
}

Test(eal_explain, a_driver_says_why_a_device_failed)
{
	char text[200];

	said("qdisc_create_multiq(): Could not add multiq qdisc (2): No such file or directory",
	        "set_mac_type(): TAP user MAC (zz) is not in format (fixed|xx)",
	        "rte_pmd_tap_probe(): Failed to create pmd for net_tap0 as hf0");
	said("vdev_probe(): failed to initialize net_tap0 device", NULL, NULL);
	said("memif_set_role(): Unknown role: zz.",
	        "vdev_probe(): failed to initialize net_memif0 device",
	        "Bus (vdev) probe failed.");
	cr_expect_str_eq(eal_explain_device(&l, "net_tap0", text, sizeof(text)),
	        "TAP user MAC (zz) is not in format (fixed|xx)");
	cr_expect_str_eq(
	        eal_explain_device(&l, "net_memif0", text, sizeof(text)), "Unknown role: zz.");
	cr_expect_str_eq(eal_explain_device(&l, "net_ring0", text, sizeof(text)), "");
}

Test(eal_log, lines_come_in_pieces_and_are_bounded)
{
	char longer[2 * EAL_LOG_LINE];

	eal_log_add(&l, "EAL: one", 8);
	eal_log_add(&l, " and two\n\nEAL: three\n", 21);
	cr_assert_eq(l.n, 2);
	cr_expect_str_eq(l.line[0], "one and two");
	cr_expect_str_eq(l.line[1], "three");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\n';
	for (unsigned i = 0; i < 2 * EAL_LOG_LINES; i++)
		eal_log_add(&l, longer, sizeof(longer));
	cr_expect_eq(l.n, EAL_LOG_LINES);
	cr_expect_eq(strlen(l.line[EAL_LOG_LINES - 1]), EAL_LOG_LINE - 1);
	eal_log_add(&l, "more", 4);
	eal_log_add(&l, " of it\n", 7);
	cr_expect_eq(strlen(l.line[EAL_LOG_LINES - 1]), EAL_LOG_LINE - 1);
}
