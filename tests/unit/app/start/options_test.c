/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of the command line. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "base/defaults.h"
#include "start/options.h"
#include "start/port_list.h"

#define MOST 24

static struct options o;
static struct error e;

/* The words of a line as argv. */
struct line {
	char text[256];
	char *argv[MOST];
	int argc;
};

static struct line *
words(struct line *l, const char *text)
{
	char *p = l->text;

	snprintf(l->text, sizeof(l->text), "%s", text);
	l->argc = 0;
	while ((l->argv[l->argc] = strsep(&p, " ")) != NULL)
		l->argc++;
	return l;
}

static int
read_line(const char *text)
{
	struct line l;

	words(&l, text);
	e = (struct error) {"", ""};
	return options_read(&o, l.argc, l.argv, &e);
}

static void
expect_error(const char *text, const char *what, const char *fix)
{
	cr_expect_eq(read_line(text), -EINVAL, "%s was taken", text);
	cr_expect_not_null(strstr(e.what, what), "%s: '%s' lacks '%s'", text, e.what, what);
	cr_expect_not_null(strstr(e.fix, fix), "%s: '%s' lacks '%s'", text, e.fix, fix);
}

Test(options, none)
{
	cr_expect_eq(read_line("handfast"), 0);
	cr_expect_eq(o.eal_argc, 1);
	cr_expect_eq(read_line("handfast -l 0 --no-huge"), 0);
	cr_expect_eq(o.eal_argc, 4);
	cr_expect_not(o.interactive);
}

Test(options, all)
{
	cr_assert_eq(
	        read_line("handfast -l 0 -- -i --auto-start --stats-period 5 --max-conns=1000 "
	                  "--time-wait 2 --pool-size 4096 --syn-backlog 99 --syn-rate 100 "
	                  "--max-neighbours 5000 --load-wait 7"),
	        0, "%s", e.what);
	cr_expect_eq(o.eal_argc, 3);
	cr_expect(o.interactive);
	cr_expect(o.auto_start);
	cr_expect_eq(o.stats_period_s, 5);
	cr_expect_eq(o.max_conns, 1000);
	cr_expect_eq(o.time_wait_s, 2);
	cr_expect_eq(o.pool_size, 4096);
	cr_expect_eq(o.syn_backlog, 99);
	cr_expect_eq(o.syn_rate, 100);
	cr_expect_eq(o.max_neighbours, 5000);
	cr_expect_eq(o.load_wait_s, 7);
}

/* Figures that are measured by it (requests in pieces, memory, loads) need the exact number. */
Test(options, connections_have_a_number_without_the_option_too)
{
	cr_assert_eq(read_line("handfast -l 0 --"), 0, "%s", e.what);
	cr_expect_eq(o.max_conns, 65536);
}

static int
take_item(const char **list, struct port_item *item)
{
	e = (struct error) {"", ""};
	return port_list_next(list, item, &e);
}

Test(options, ports_by_name_and_number)
{
	const char *list = "0,net_tap1,2-31,0000:03:00.0";
	struct port_item item;
	struct line l;

	words(&l, "handfast -- --ports net_bonding0");
	cr_assert_eq(options_read(&o, l.argc, l.argv, &e), 0, "%s", e.what);
	cr_expect_str_eq(o.ports, "net_bonding0");
	cr_assert_eq(take_item(&list, &item), 1);
	cr_expect(item.name[0] == '\0' && item.first == 0 && item.last == 0);
	cr_assert_eq(take_item(&list, &item), 1);
	cr_expect_str_eq(item.name, "net_tap1");
	cr_assert_eq(take_item(&list, &item), 1);
	cr_expect(item.name[0] == '\0' && item.first == 2 && item.last == 31);
	cr_assert_eq(take_item(&list, &item), 1);
	cr_expect_str_eq(item.name, "0000:03:00.0");
	cr_expect_eq(take_item(&list, &item), 0);
	expect_error("handfast -- --ports=", "the list is empty", "0,2-3");
	expect_error("handfast -- --ports 0,,1", "'0,,1' is not a list", "without spaces");
	expect_error("handfast -- --ports 0,", "not a list", "");
	expect_error("handfast -- --ports ,0", "not a list", "");
	expect_error("handfast -- --ports 3-2", "'3-2' is not a range of port numbers",
	        "lower number comes first");
	expect_error("handfast -- --ports 1-99999999999999", "not a range", "");
}

Test(options, a_file_as_next_word_or_behind_an_equals_sign)
{
	struct line l;

	words(&l, "handfast -- --cmdline-file a.cmd");
	cr_assert_eq(options_read(&o, l.argc, l.argv, &e), 0);
	cr_expect_str_eq(o.cmdline_file, "a.cmd");
	words(&l, "handfast -- --cmdline-file=b.cmd");
	cr_assert_eq(options_read(&o, l.argc, l.argv, &e), 0);
	cr_expect_str_eq(o.cmdline_file, "b.cmd");
}

Test(options, help_and_version_on_either_side)
{
	cr_expect_eq(read_line("handfast --help"), 0);
	cr_expect(o.help);
	cr_expect_eq(read_line("handfast -- --version"), 0);
	cr_expect(o.version);
	cr_expect_eq(read_line("handfast -- -h --nonsense"), 0, "what follows does not matter");
}

Test(options, mistakes_are_named_with_the_nearest)
{
	expect_error("handfast -- --cmdline-fil x", "--cmdline-fil", "'--cmdline-file'");
	expect_error("handfast -- --auto-stat", "--auto-stat", "'--auto-start'");
	expect_error("handfast -- --elephant", "--elephant", "--help");
	expect_error("handfast -- start", "'start' is not an option", "");
	expect_error("handfast -- --cmdline-file", "FILE is missing", "");
	expect_error("handfast -- --auto-start=yes", "takes no value", "");
	expect_error("handfast -- --stats-period often", "'often'", "");
	expect_error("handfast -- --stats-period 0", "from 1", "");
	expect_error("handfast -- --max-conns -5", "'-5'", "");
	expect_error("handfast -- --syn-backlog 15", "from 16", "");
	expect_error("handfast -- --syn-rate 15", "from 16", "");
	expect_error("handfast -- --max-conns 99999999999999999999", "not a number", "");
	expect_error("handfast -- --cmdline-file a --cmdline-file=b", "given twice", "");
}

Test(options, ours_before_the_dashes)
{
	expect_error(
	        "handfast --no-huge --cmdline-file x", "stands among EAL's options", "`--`");
	cr_expect_eq(read_line("handfast -a 0000:01:00.0"), 0, "-a is EAL's, too");
	cr_expect_eq(
	        read_line("handfast --file-prefix --auto-start"), 0, "a value is no option");
}

Test(options, help_tells_of_every_way_to_begin)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	options_help(f);
	fclose(f);
	cr_expect_not_null(strstr(text, "handfast demo\n"));
	cr_expect_not_null(strstr(text, "handfast report merge A.json"));
	cr_expect_not_null(strstr(text, "load http://"));
	cr_expect_not_null(strstr(text, "1  a load"), "exit codes");
	free(text);
}

static char *
help_line(const char *help, const char *option, char line[128])
{
	const char *at = strstr(help, option);

	cr_assert_not_null(at, "%s", option);
	snprintf(line, 128, "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

Test(options, help_says_the_defaults_that_hold)
{
	const struct {
		const char *option;
		unsigned otherwise;
	} rows[] = {
	        {"--max-conns N", DEFAULT_CONNS},
	        {"--syn-rate N", DEFAULT_SYN_RATE},
	        {"--time-wait S", 2 * DEFAULT_MSL_MS / 1000},
	        {"--load-wait S", DEFAULT_LOAD_WAIT_S},
	};
	char *text = NULL, line[128], number[16];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	options_help(f);
	fclose(f);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		help_line(text, rows[i].option, line);
		snprintf(number, sizeof(number), " (%u)", rows[i].otherwise);
		cr_expect_str_eq(line + strlen(line) - strlen(number), number, "%s", line);
	}
	free(text);
}

static int
check(const char *text)
{
	struct line l;

	words(&l, text);
	e = (struct error) {"", ""};
	return eal_options_check(l.argc, l.argv, &e);
}

Test(eal_options, what_eal_takes)
{
	cr_expect_eq(
	        check("handfast -l 0,1 -m 512 --no-huge --no-pci --vdev=net_tap0,iface=x"), 0);
	cr_expect_eq(
	        check("handfast -l0 --vdev net_tap0 --file-prefix=a --log-level pmd:8"), 0);
	cr_expect_eq(
	        check("handfast --no-hu --iova=va"), 0, "getopt takes beginnings: %s", e.what);
	cr_expect_eq(check("handfast --huge-unlink=never --syslog -a 01:00.0"), 0);
	cr_expect_eq(check("handfast"), 0);
}

Test(eal_options, what_it_does_not)
{
	static const char *const lines[][2] = {{"handfast --vdve=net_tap0", "--vdev"},
	        {"handfast --no-hugee", "--no-huge"}, {"handfast --in-memry", "--in-memory"},
	        {"handfast --file-prefx a", "--file-prefix"}};

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		cr_expect_eq(check(lines[i][0]), -EINVAL, "%s", lines[i][0]);
		cr_expect_not_null(strstr(e.fix, lines[i][1]), "%s: %s", lines[i][0], e.fix);
	}
	cr_expect_eq(check("handfast serve"), -EINVAL);
	cr_expect_not_null(strstr(e.fix, "--cmdline-file"), "%s", e.fix);
	cr_expect_eq(check("handfast reprot merge a"), -EINVAL);
	cr_expect_str_eq(e.fix, "did you mean 'handfast report'?");
	cr_expect_eq(check("handfast -l 0 demo"), -EINVAL);
	cr_expect_str_eq(e.fix, "did you mean 'handfast demo'?");
	cr_expect_eq(check("handfast -z"), -EINVAL);
	cr_expect_eq(check("handfast -l"), -EINVAL, "the value is missing");
	cr_expect_eq(check("handfast --vdev"), -EINVAL, "the value is missing");
	cr_expect_eq(check("handfast -m x"), -EINVAL, "EAL takes it for 0");
	cr_expect_not_null(strstr(e.what, "-m x"), "%s", e.what);
	cr_expect_eq(check("handfast -m512M"), -EINVAL);
	cr_expect_eq(check("handfast -n 4x"), -EINVAL);
	cr_expect_eq(check("handfast --file-prefix=a/b"), -EINVAL, "a folder in none");
	cr_expect_not_null(strstr(e.what, "--file-prefix a/b"), "%s", e.what);
	cr_expect_eq(check("handfast --file-prefix a/b"), -EINVAL);
	cr_expect_eq(check("handfast -m512 -n 4 -m 64"), 0);
}

Test(eal_options, values_in_all_ways_of_writing)
{
	static const char *const lines[] = {
	        "x -a 01:00.0", "x -a01:00.0", "x --allow=01:00.0", "x --allow 01:00.0"};

	for (unsigned i = 0; i < 4; i++) {
		struct line l;
		int next;
		const char *value;

		words(&l, lines[i]);
		value = eal_option_at(l.argc, l.argv, 1, "allow", &next);
		cr_assert_not_null(value, "%s", lines[i]);
		cr_expect_str_eq(value, "01:00.0");
		cr_expect_eq(next, l.argc);
	}
}
