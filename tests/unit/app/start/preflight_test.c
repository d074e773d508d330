/* SPDX-License-Identifier: BSD-3-Clause */
/* The checks of the machine before the start. */
#include <criterion/criterion.h>
#include <errno.h>

#include "start/preflight.h"

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
expect_said(const char *what, const char *fix)
{
	cr_expect_not_null(strstr(e.what, what), "'%s' lacks '%s'", e.what, what);
	cr_expect_not_null(strstr(e.fix, fix), "'%s' lacks '%s'", e.fix, fix);
}

Test(preflight, nothing_to_say)
{
	struct preflight p = fit();

	cr_expect_eq(judge(&p, "--vdev=net_tap0,iface=hf0", NULL), 0, "%s", e.what);
	cr_expect_eq(judge(&p, "--vdev=net_tap0", "--no-huge"), 0);
	cr_expect_eq(judge(&p, "--vdev=crypto_null", NULL), 0, "not a network driver");
	cr_expect_eq(judge(&p, "--vdev=net_tun0", NULL), 0, "net_tap's plug-in has it");
}

static bool
only_hf0(const char *name)
{
	return strcmp(name, "hf0") == 0;
}

Test(preflight, a_netdev_that_another_program_has)
{
	struct preflight p = fit();

	p.netdev_taken = only_hf0;
	cr_expect_eq(judge(&p, "--vdev=net_tap0,iface=hf0,mac=fixed", NULL), EXIT_ENVIRONMENT);
	expect_said("hf0 exists already", "iface=NAME");
	cr_expect_eq(judge(&p, "--vdev=net_tap0,iface=hf1", NULL), 0, "%s", e.what);
	cr_expect_eq(judge(&p, "--vdev=net_tap0", NULL), 0, "the kernel finds a name");
	cr_expect_eq(judge(&p, "--vdev=net_af_packet0,iface=hf0", NULL), 0, "it needs one");
}

Test(preflight, a_device_given_twice)
{
	struct preflight p = fit();

	cr_expect_eq(
	        judge(&p, "--vdev=net_tap0,iface=a", "--vdev=net_tap0,iface=b"), EXIT_USAGE);
	expect_said("net_tap0 is given twice", "net_tap1");
	cr_expect_eq(
	        judge(&p, "--vdev=net_tap0,iface=a", "--vdev=net_tap1,iface=a"), EXIT_USAGE);
	expect_said("net_tap0 uses iface=a", "iface=NAME");
	cr_expect_eq(judge(&p, "--vdev=net_tap0,iface=a", "--vdev=net_tap1,iface=ab"), 0);
	cr_expect_eq(judge(&p, "--vdev=net_tap0", "--vdev=net_tap10"), 0, "%s", e.what);
}

Test(preflight, cores_that_are_not_there)
{
	static const char *const good[] = {"-l0-1", "-l1,0", "-c3", "-c0x2", "--lcores=1",
	        "--lcores=(0-7)@0,9@(0-1)", "--lcores=7@1", "-c000003"};
	static const char *const bad[] = {"-l2", "-l0,99", "-l0-2", "-c4", "-c0x100",
	        "--lcores=2", "--lcores=0@2", "--lcores=(0-1)@(0,2)", "--lcores=0@1,(1,5)"};
	struct preflight p = fit();

	p.ncpus = 2;
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect_eq(judge(&p, good[i], NULL), 0, "%s: %s", good[i], e.what);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(judge(&p, bad[i], NULL), EXIT_USAGE, "%s", bad[i]);
		expect_said("this machine has cores 0-1", "-l 0-1");
	}
	judge(&p, "-l", "99");
	expect_said("core 99 does", "");
	p.ncpus = 1;
	cr_expect_eq(judge(&p, "-l1", NULL), EXIT_USAGE);
	expect_said("only core 0", "-l 0");
	p.ncpus = 0;
	cr_expect_eq(judge(&p, "-l99", NULL), 0, "unknown");
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
	expect_said("needs root", "sudo");
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

/* net_tap takes its defaults for all of them, without a word, if one is mistyped. */
Test(preflight, arguments_that_a_tap_has)
{
	static const char *const good[] = {"net_tap0,iface=hf0,mac=fixed",
	        "net_tap0,mac=02:00:00:00:00:0a,iface=abcdefghijklmno", "net_tap1,remote=eth0",
	        "net_tun0,iface=tun0", "net_ring0,iface="};
	struct preflight p = fit();
	char vdev[96];

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(vdev, sizeof(vdev), "--vdev=%s", good[i]);
		cr_expect_eq(judge(&p, vdev, NULL), 0, "%s: %s", good[i], e.what);
	}
	p.tap_persist = true;
	cr_expect_eq(judge(&p, "--vdev=net_tap0,persist", NULL), 0);
	p.tap_persist = false;
	cr_expect_eq(judge(&p, "--vdev=net_tap0,persist", NULL), EXIT_USAGE);
	expect_said("no argument 'persist'", "");
}

Test(preflight, arguments_that_a_tap_has_not)
{
	static const char *const bad[][3] = {
	        {"net_tap0,ifcae=hf0", "net_tap has no argument 'ifcae'", "'iface='"},
	        {"net_tap0,iface=hf0,speed=1", "no argument 'speed'", "iface=hf0"},
	        {"net_tap0,mac=zz", "mac=zz is not a MAC", "mac=fixed"},
	        {"net_tap0,mac=02:00:00:00:00:0", "is not a MAC", "mac=fixed"},
	        {"net_tap0,mac=02-00-00-00-00-01", "is not a MAC", "mac=fixed"},
	        {"net_tap0,iface=abcdefghijklmnop", "is not a name of a network device", "hf0"},
	        {"net_tap0,iface=a/b", "is not a name of a network device", "iface=NAME"},
	        {"net_tap0,remote=.", "is not a name of a network device", "remote=NAME"},
	        {"net_tap0,iface=", "the value of iface is missing", "iface=NAME"},
	        {"net_tap0,mac", "the value of mac is missing", "mac=fixed"},
	        {"net_tun0,mac=fixed", "net_tun has no argument 'mac'", "iface"},
	        {"net_tap0,,", "no argument ''", "iface"}};
	struct preflight p = fit();
	char vdev[96];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(vdev, sizeof(vdev), "--vdev=%s", bad[i][0]);
		cr_expect_eq(judge(&p, vdev, NULL), EXIT_USAGE, "%s", bad[i][0]);
		expect_said(bad[i][1], bad[i][2]);
	}
}

static unsigned wanted;

static unsigned
twelve(unsigned n)
{
	wanted = n;
	return n < 12 ? n : 12;
}

/* EAL would call it another program with the same prefix, or panic. */
Test(preflight, threads_that_may_not_be_started)
{
	static const struct {
		const char *option;
		unsigned cores;
	} ways[] = {{"-l0-3", 4}, {"-l0,2-3", 3}, {"-c0x15", 3}, {"--lcores=0@0,(1-3)@1,9", 5},
	        {"--lcores=(0,2)@(0-7)", 2}};
	struct preflight p = fit();
	unsigned others;

	p.ncpus = 64;
	p.threads = twelve;
	cr_expect_eq(judge(&p, "-l0-3", NULL), 0, "%s", e.what);
	others = wanted - 4;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		judge(&p, ways[i].option, NULL);
		cr_expect_eq(wanted, ways[i].cores + others, "%s: %u", ways[i].option, wanted);
	}
	cr_expect_eq(judge(&p, "-l0-31", NULL), EXIT_ENVIRONMENT);
	expect_said("the system allows 12 more threads, and handfast needs", "ulimit -u");
	cr_expect_eq(judge(&p, "--no-pci", NULL), EXIT_ENVIRONMENT, "a core for each CPU");
	p.threads = NULL;
	cr_expect_eq(judge(&p, "-l0-31", NULL), 0, "unknown");
}
