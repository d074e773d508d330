/* SPDX-License-Identifier: BSD-3-Clause */
/* options: the command line: EAL's options, `--`, the program's options.
 *
 * Threads    the main one.
 * Ownership  argv is borrowed and stays unchanged; struct options points into it.
 * Memory     none.
 * Errors     -EINVAL, with e filled in.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "text/error.h"

struct options {
	int eal_argc;   /* the number of words before `--`, argv[0] included */
	uint32_t given; /* one bit for each option that was given */
	bool help;
	bool version;
	bool interactive;
	bool auto_start;
	const char *cmdline_file;
	uint32_t stats_period_s;
	uint32_t max_conns;
	uint32_t max_neighbours; /* neighbours of each port; 0: the stack's default */
	uint32_t syn_backlog;    /* half-open connections; 0: the stack's default */
	uint32_t syn_rate;       /* SYNs without an ACK per second; 0: the stack's default */
	uint32_t time_wait_s;    /* 2 MSL; 0: the stack's default */
	const char *ports;       /* the ports to use, see port_list.h; NULL: all */
	uint32_t load_wait_s; /* how long a load waits for its link and for ARP; 0: the default
	                       */
	uint32_t pool_size;   /* packet buffers per worker; 0: from the number of ports */
};

int options_read(struct options *o, int argc, char *const *argv, struct error *e);
void options_help(FILE *f);

/* A row of the table of options, for --help, docs/commands.md, the manual page and the
 * completion. */
struct option_text {
	const char *name;   /* without dashes */
	char letter;        /* 0: the option has no letter */
	const char *value;  /* the name of its value; NULL: it has none */
	char help[96];      /* a few words, with the default */
	const char *detail; /* sentences with `code`, for the pages, or NULL */
};

/* Returns false if option i does not exist. */
bool option_text(unsigned i, struct option_text *t);

struct exit_code {
	int code;
	const char *text; /* NULL ends the list */
};

/* The text of --help and of the manual page about the whole program. */
extern const struct program_text {
	const char *const *usage; /* each form of the command line; NULL ends the list */
	const char *about;        /* sentences, with `code` */
	const struct exit_code *exits;
} program_text;

/* The name of EAL's option i without dashes; NULL: there is no option i. An option whose value
 * is optional has its name twice. */
const char *eal_option_name(unsigned i, bool *takes_value);

/* Checks that each word before `--` is an option of EAL. The error names the first that is
 * not, and the nearest option. */

int eal_options_check(int argc, char *const *argv, struct error *e);

/* Checks that the machine has the cores of -l, -c and --lcores. ncpus 0: unknown. */
int eal_cores_check(int argc, char *const *argv, unsigned ncpus, struct error *e);

/* The number of lcores that these options make, at least 1. Without such an option it is
 * ncpus. */
unsigned eal_cores_count(int argc, char *const *argv, unsigned ncpus);

/* The value of EAL's option at argv[i] if that option is `name`, otherwise NULL. `name` is the
 * long name ("vdev") where there is one, otherwise the letter; argv[i] may have either form.
 * An option without a value gives "". *next is the index of the following option. */
const char *eal_option_at(int argc, char *const *argv, int i, const char *name, int *next);
bool eal_option_given(int argc, char *const *argv, const char *name);

#endif
