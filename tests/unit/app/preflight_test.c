/* SPDX-License-Identifier: BSD-3-Clause */
#include <criterion/criterion.h>
#include <errno.h>

#include "../../../app/preflight.h"

static struct error e;

/* A machine on which all is well. */
static struct preflight
fit(void)
{
	struct preflight p = {
	        .root = true, .huge_pages = 512, .huge_mount = true, .ndrivers = 3};

	strcpy(p.driver_dir, "/usr/lib/x/dpdk/pmds-23.0");
	strcpy(p.driver[0], "net_tap");
	strcpy(p.driver[1], "net_ring");
	strcpy(p.driver[2], "net_af_packet");
	return p;
}

static int
judge(const struct preflight *p, const char *a, const char *b)
{
	char x[] = "handfast", one[128], two[128];
	char *argv[] = {x, one, two};

	snprintf(one, sizeof(one), "%s", a);
	snprintf(two, sizeof(two), "%s", b != NULL ? b : "");
	e = (struct error) {"", ""};
	return preflight_judge(p, b != NULL ? 3 : 2, argv, &e);
}

static void
expect_said(const char *what, const char *mend)
{
	cr_expect_not_null(strstr(e.what, what), "'%s' lacks '%s'", e.what, what);
	cr_expect_not_null(strstr(e.mend, mend), "'%s' lacks '%s'", e.mend, mend);
}

Test(preflight, nothing_to_say)
{
	struct preflight p = fit();

	cr_expect_eq(judge(&p, "--vdev=net_tap0,iface=hf0", NULL), 0, "%s", e.what);
	cr_expect_eq(judge(&p, "--vdev=net_tap0", "--no-huge"), 0);
	cr_expect_eq(judge(&p, "--vdev=crypto_null", NULL), 0, "not a network driver");
	cr_expect_eq(judge(&p, "--vdev=net_tun0", NULL), 0, "net_tap's plug-in has it");
}

Test(preflight, no_hugepages)
{
	struct preflight p = fit();

	p.huge_pages = 0;
	cr_expect_eq(judge(&p, "--no-pci", NULL), EXIT_ENVIRONMENT);
	expect_said("no hugepage", "nr_hugepages");
	expect_said("", "--no-huge -m 512");
	cr_expect_eq(judge(&p, "--no-huge", NULL), 0);
}

Test(preflight, hugepages_without_a_mount)
{
	struct preflight p = fit();

	p.huge_mount = false;
	cr_expect_eq(judge(&p, "--no-pci", NULL), EXIT_ENVIRONMENT);
	expect_said("hugetlbfs", "mount -t hugetlbfs");
	cr_expect_eq(judge(&p, "--in-memory", NULL), 0);
}

Test(preflight, no_huge_and_in_memory_together)
{
	struct preflight p = fit();

	cr_expect_eq(judge(&p, "--no-huge", "--in-memory"), EXIT_USAGE);
	expect_said("exclude each other", "--no-huge");
}

Test(preflight, not_root)
{
	struct preflight p = fit();

	p.root = false;
	cr_expect_eq(judge(&p, "--vdev=net_tap0", NULL), EXIT_ENVIRONMENT);
	expect_said("not root", "sudo");
	cr_expect_eq(judge(&p, "--vdev", "net_af_packet0"), EXIT_ENVIRONMENT);
	cr_expect_eq(judge(&p, "-a", "0000:01:00.0"), EXIT_ENVIRONMENT);
	expect_said("0000:01:00.0", "sudo");
	cr_expect_eq(judge(&p, "--vdev=net_ring0", NULL), 0, "a ring needs no right");
}

Test(preflight, no_tun_device)
{
	struct preflight p = fit();

	p.tun_errno = ENOENT;
	cr_expect_eq(judge(&p, "--vdev=net_tap0", NULL), EXIT_ENVIRONMENT);
	expect_said("/dev/net/tun", "modprobe tun");
	expect_said("", "mknod /dev/net/tun c 10 200");
	p.tun_errno = ENODEV;
	cr_expect_eq(judge(&p, "--vdev=net_tap0", NULL), EXIT_ENVIRONMENT);
	p.tun_errno = EPERM;
	cr_expect_eq(judge(&p, "--vdev=net_tap0", NULL), EXIT_ENVIRONMENT);
	expect_said("Operation not permitted", "");
	cr_expect_eq(judge(&p, "--vdev=net_ring0", NULL), 0, "only a tap needs it");
}

Test(preflight, a_driver_that_is_not_installed)
{
	struct preflight p = fit();

	cr_expect_eq(judge(&p, "--vdev=net_memif0,role=server", NULL), EXIT_ENVIRONMENT);
	expect_said("net_memif", "apt-get install librte-net-memif23");
	cr_expect_eq(judge(&p, "--vdev=net_memif0", "-d/opt/pmds"), 0, "it may be elsewhere");
	p.ndrivers = 0;
	cr_expect_eq(judge(&p, "--vdev=net_memif0", NULL), 0, "a static DPDK has no plug-ins");
}

Test(preflight, a_driver_that_is_mistyped)
{
	struct preflight p = fit();

	cr_expect_eq(judge(&p, "--vdev=net_tpa0", NULL), EXIT_USAGE);
	expect_said("'net_tpa'", "--vdev=net_tap0");
	cr_expect_eq(
	        judge(&p, "--vdev=net_tapp0", NULL), EXIT_USAGE, "EAL would make a tap of it");
	expect_said("'net_tapp'", "--vdev=net_tap0");
}
