/* SPDX-License-Identifier: BSD-3-Clause */
/* The options behind `--`: their table, the text of --help, and the reader. */
#include "start/options.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/defaults.h"
#include "base/limits.h"
#include "service/services.h"
#include "start/port_list.h"
#include "text/nearest.h"
#include "text/paragraph.h"

_Static_assert(DEFAULT_HALF_OPEN_PART == 4, "the help of --syn-backlog says a quarter");

enum id {
	CMDLINE_FILE,
	INTERACTIVE,
	AUTO_START,
	STATS_PERIOD,
	MAX_CONNS,
	MAX_NEIGHBOURS,
	SYN_BACKLOG,
	SYN_RATE,
	TIME_WAIT,
	POOL_SIZE,
	LOAD_WAIT,
	PORTS,
	HELP,
	VERSION,
	OPTIONS,
};

static const struct spec {
	const char *name;
	char letter;
	const char *value; /* the name of its value in the help; NULL: it has none */
	const char *help;
	uint32_t least;     /* the lower bound of a number */
	uint32_t most;      /* the upper bound of a number */
	uint32_t otherwise; /* the default; 0: `help` names it, if there is one */
	const char *detail; /* sentences for the pages, or NULL */
} specs[OPTIONS] = {
        [CMDLINE_FILE] = {"cmdline-file", 0, "FILE", "run the commands of this file first",
                .detail =
                        "FILE may be a pipe, as `<(...)` makes one. All lines are checked before EAL starts. A command that fails ends the program."},
        [INTERACTIVE] = {"interactive", 'i', NULL, "take commands at a prompt, or from a pipe",
                .detail = NULL},
        [AUTO_START] = {"auto-start", 'a', NULL,
                "start the cores after the file (without -i: always)", .detail = NULL},
        [STATS_PERIOD] = {"stats-period", 0, "S", "print a line of figures every S seconds", 1,
                86400, .detail = NULL},
        [MAX_CONNS] = {"max-conns", 0, "N", "connections per worker core", 16, LIMIT_CONNS,
                DEFAULT_CONNS, "Half-open connections are not counted."},
        [MAX_NEIGHBOURS] = {"max-neighbours", 0, "N",
                "neighbours per port and worker core (default: from --max-conns)", 16,
                LIMIT_NEIGHBOURS,
                .detail =
                        "A core knows the MACs of N hosts and gateways at a time, 64 to 68 bytes each. Without the option, N is `--max-conns`, or the number of addresses in the port's network if it has a gateway; at least 1,024, at most 1,048,576."},
        [SYN_BACKLOG] = {"syn-backlog", 0, "N",
                "half-open records per worker core (1/4 of --max-conns)", 16, LIMIT_CONNS,
                .detail =
                        "A half-open record takes 64 bytes and a slot in the table of connections."},
        [SYN_RATE] = {"syn-rate", 0, "N",
                "SYNs without an ACK per second and core that make a flood", 16, 1u << 30,
                DEFAULT_SYN_RATE,
                "In a flood SYNs are answered with cookies: see `set syn-cookie`."},
        [TIME_WAIT] = {"time-wait", 0, "S", "TIME-WAIT lasts S seconds: 2 MSL", 1, 3600,
                2 * DEFAULT_MSL_MS / MS_PER_SECOND, NULL},
        [POOL_SIZE] = {"pool-size", 0, "N",
                "packet buffers per worker core (default: from the number of ports)", 1024,
                1u << 24,
                .detail = "Without the option, a core has 16384, and 4096 for each port."},
        [LOAD_WAIT] = {"load-wait", 0, "S", "a load waits S seconds for its link and for ARP",
                1, 86400, DEFAULT_LOAD_WAIT_S, "The clock of a load starts after that wait."},
        [PORTS] = {"ports", 0, "LIST", "use these ports: names, or numbers as 0,2-3 (all)",
                .detail =
                        "Ports are used in this order: the first one is port 0. LIST has names (`net_bonding0`, `0000:03:00.0`), or numbers in EAL's order as in testpmd (`0,2-3`). Without the option, all ports are used except for members of a bond."},
        [HELP] = {"help", 'h', NULL, "print this text", .detail = NULL},
        [VERSION] = {"version", 'v', NULL, "print the version", .detail = NULL},
};

static const char *const usage[] = {
        "handfast [EAL options] -- [options]",
        "handfast demo",
        "handfast report merge A.json [B.json ...] [json FILE] [html FILE]",
        NULL,
};

static const struct exit_code exits[] = {
        {0, "success"},
        {EXIT_MISSED, "a load missed an expectation, or too many of its attempts failed"},
        {EXIT_ENVIRONMENT,
                "the machine lacks something, or it is too slow for the measurement"},
        {EXIT_USAGE, "an option or a command is wrong"},
        {0, NULL},
};

const struct program_text program_text = {
        .usage = usage,
        .about =
                "Handfast is a poll-mode TCP stack on DPDK. It serves " SERVICES_LIST
                "and `load` opens millions of connections to measure other servers. `demo` does both in one process, without root or a NIC. `report merge` adds up the results of several machines.",
        .exits = exits,
};

bool
option_text(unsigned i, struct option_text *t)
{
	const struct spec *s = &specs[i];
	char otherwise[16] = "";

	if (i >= OPTIONS)
		return false;
	if (s->otherwise != 0)
		snprintf(otherwise, sizeof(otherwise), " (%u)", s->otherwise);
	*t = (struct option_text) {s->name, s->letter, s->value, "", s->detail};
	snprintf(t->help, sizeof(t->help), "%s%s", s->help, otherwise);
	return true;
}

static void
print_options(FILE *f)
{
	struct option_text t;
	char left[40];

	for (unsigned i = 0; option_text(i, &t); i++) {
		snprintf(left, sizeof(left), "%s%c%s--%s %s", t.letter != 0 ? "-" : " ",
		        t.letter != 0 ? t.letter : ' ', t.letter != 0 ? ", " : "  ", t.name,
		        t.value != NULL ? t.value : "");
		fprintf(f, "  %-28s %s\n", left, t.help);
	}
}

static void
print_exits(FILE *f)
{
	fputs("Exit codes:\n", f);
	for (const struct exit_code *x = exits; x->text != NULL; x++)
		fprintf(f, "  %d  %s\n", x->code, x->text);
}

void
options_help(FILE *f)
{
	for (unsigned i = 0; usage[i] != NULL; i++)
		fprintf(f, "%s %s\n", i == 0 ? "usage:" : "      ", usage[i]);
	fputc('\n', f);
	paragraph_print(f, program_text.about, 0);
	fputc('\n', f);
	print_options(f);
	fputs("\nEAL options choose cores, memory and devices. This example serves HTTP on a\n"
	      "TAP device, without hugepages, with a file of two commands:\n\n"
	      "  printf 'set port 0 ip 192.0.2.2/24\\nset listen 0.0.0.0:80 http\\n' > web.cmd\n"
	      "  sudo handfast -l 0 --no-huge -m 512 --no-pci --vdev=net_tap0,iface=hf0 -- \\\n"
	      "      --cmdline-file web.cmd -i\n"
	      "  sudo ip addr add 192.0.2.1/24 dev hf0; sudo ip link set hf0 up\n\n"
	      "This file of commands measures a server and writes the result to r.json:\n\n"
	      "  printf 'set port 0 ip 192.0.2.2/24\\nload http://192.0.2.1/ rate 5K json r.json\\n' > load.cmd\n\n"
	      "`help` at the prompt lists the commands. Manual pages: handfast(1),\n"
	      "handfast-commands(7).\n\n",
	        f);
	print_exits(f);
}

static int
refuse_option(const char *arg, struct error *e)
{
	const char *names[OPTIONS + 1] = {NULL};
	const char *near;

	for (unsigned i = 0; i < OPTIONS; i++)
		names[i] = specs[i].name;
	near = nearest(arg + strspn(arg, "-"), names);
	if (arg[0] != '-')
		error_set(
		        e, 0, "'%s' is not an option: commands go into a --cmdline-file", arg);
	else
		error_set(e, 0, "'%s' is not an option of handfast", arg);
	if (near != NULL && arg[0] == '-')
		return error_fix(e, -EINVAL, "did you mean '--%s'?", near);
	return error_fix(e, -EINVAL, "handfast --help (EAL's options go before `--`)");
}

static const struct spec *
find_option(const char *arg, size_t *len)
{
	for (const struct spec *s = specs; s < specs + OPTIONS; s++) {
		*len = strlen(s->name) + 2;
		if (strncmp(arg, "--", 2) == 0 && strncmp(arg + 2, s->name, *len - 2) == 0 &&
		        (arg[*len] == '\0' || arg[*len] == '='))
			return s;
		*len = 2;
		if (s->letter != 0 && arg[0] == '-' && arg[1] == s->letter && arg[2] == '\0')
			return s;
	}
	return NULL;
}

static int
read_u32(const struct spec *s, const char *text, uint32_t *out, struct error *e)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n < s->least ||
	        n > s->most)
		return error_set(e, -EINVAL, "--%s: '%s' is not a number from %u to %u",
		        s->name, text, s->least, s->most);
	*out = (uint32_t)n;
	return 0;
}

static int
set_option(struct options *o, const struct spec *s, const char *value, struct error *e)
{
	switch ((enum id)(s - specs)) {
	case CMDLINE_FILE:
		o->cmdline_file = value;
		return 0;
	case INTERACTIVE:
		o->interactive = true;
		return 0;
	case AUTO_START:
		o->auto_start = true;
		return 0;
	case STATS_PERIOD:
		return read_u32(s, value, &o->stats_period_s, e);
	case MAX_CONNS:
		return read_u32(s, value, &o->max_conns, e);
	case MAX_NEIGHBOURS:
		return read_u32(s, value, &o->max_neighbours, e);
	case SYN_BACKLOG:
		return read_u32(s, value, &o->syn_backlog, e);
	case SYN_RATE:
		return read_u32(s, value, &o->syn_rate, e);
	case TIME_WAIT:
		return read_u32(s, value, &o->time_wait_s, e);
	case POOL_SIZE:
		return read_u32(s, value, &o->pool_size, e);
	case PORTS:
		o->ports = value;
		return port_list_check(value, e);
	case LOAD_WAIT:
		return read_u32(s, value, &o->load_wait_s, e);
	case HELP:
		o->help = true;
		return 0;
	case VERSION:
		o->version = true;
		return 0;
	case OPTIONS:
		break;
	}
	return -EINVAL;
}

/* Reads argv[*i], and its value if it has one, and advances *i. */
static int
parse_one(struct options *o, int argc, char *const *argv, int *i, struct error *e)
{
	const char *arg = argv[(*i)++];
	const char *value = NULL;
	size_t len;
	const struct spec *s = find_option(arg, &len);

	if (s == NULL)
		return refuse_option(arg, e);
	if (arg[len] == '=')
		value = arg + len + 1;
	if (s->value == NULL && value != NULL)
		return error_set(e, -EINVAL, "--%s takes no value", s->name);
	if (s->value != NULL && value == NULL) {
		if (*i == argc)
			return error_set(
			        e, -EINVAL, "--%s: its %s is missing", s->name, s->value);
		value = argv[(*i)++];
	}
	if (s->value != NULL && o->given & 1u << (s - specs))
		return error_set(e, -EINVAL, "--%s is given twice", s->name);
	o->given |= 1u << (s - specs);
	return set_option(o, s, value, e);
}

/* Refuses an option of the program before `--`, except --help and --version. */
static int
look_before(struct options *o, int argc, char *const *argv, struct error *e)
{
	size_t len;

	for (int i = 1, next; i < argc; i = next) {
		const struct spec *s = find_option(argv[i], &len);

		next = i + 1;
		if (s == NULL) {
			eal_option_at(argc, argv, i, "", &next);
			continue;
		}
		if (s == &specs[HELP] || s == &specs[VERSION]) {
			set_option(o, s, NULL, e);
			return 0;
		}
		if (s->letter != 0 && len == 2)
			continue; /* the letter may be one of EAL's options */
		error_set(e, 0,
		        "%s is an option of handfast, but it stands among EAL's options",
		        argv[i]);
		return error_fix(e, -EINVAL, "put `--` before it: handfast [EAL options] -- %s",
		        argv[i]);
	}
	return 0;
}

int
options_read(struct options *o, int argc, char *const *argv, struct error *e)
{
	int i = 1;

	memset(o, 0, sizeof(*o));
	o->max_conns = DEFAULT_CONNS;
	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	o->eal_argc = i;
	if (look_before(o, i, argv, e) != 0)
		return -EINVAL;
	for (i++; i < argc && !o->help && !o->version;) {
		if (parse_one(o, argc, argv, &i, e) != 0)
			return -EINVAL;
	}
	return 0;
}
