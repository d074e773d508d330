/* SPDX-License-Identifier: BSD-3-Clause */
/* options: the command line: EAL's part, `--`, ours. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "text/error.h"

struct options {
	int eal_argc;   /* argv[0] and what stands before `--` */
	uint32_t given; /* which options: a bit each */
	bool help;
	bool version;
	bool interactive;
	bool auto_start;
	const char *cmdline_file;
	uint32_t stats_period_s;
	uint32_t max_conns;
	uint32_t max_neighbours; /* of each port; 0: the stack's default */
	uint32_t syn_backlog;    /* half-open ones; 0: the stack's default */
	uint32_t syn_rate;       /* SYNs without an ACK per second; 0: the stack's default */
	uint32_t time_wait_s;    /* 2 MSL; 0: the stack's default */
	const char *ports;       /* those to use, port_list.h; NULL: all */
	uint32_t load_wait_s;    /* for a load's link and neighbour; 0: the default */
	uint32_t pool_size;      /* packet buffers for each worker; 0: by the number of ports */
};

/* 0, or -EINVAL. Borrows from argv, and leaves it as it is. */
int options_read(struct options *o, int argc, char *const *argv, struct error *e);
void options_help(FILE *f);

/* A row of the table of options, as --help, docs/commands.md, the manual page and the
 * completion have it. */
struct option_text {
	const char *name;   /* without dashes */
	char letter;        /* 0: the option has no letter */
	const char *value;  /* the name of its value; NULL: it takes none */
	char help[96];      /* a few words, with the default */
	const char *detail; /* sentences with `code`, for the pages, or NULL */
};

/* false: there is no option i. */
bool option_text(unsigned i, struct option_text *t);

struct exit_code {
	int code;
	const char *text; /* NULL at the end */
};

/* What --help and the manual page say of the program as a whole. */
extern const struct program_text {
	const char *const *usage; /* each way to call it; NULL at the end */
	const char *about;        /* sentences, with `code` */
	const struct exit_code *exits;
} program_text;

/* The name of EAL's option i without dashes, or NULL: there is no option i. A name may come
 * twice: where the value is optional. */
const char *eal_option_name(unsigned i, bool *takes_value);

/* What stands before `--`: is each one an option of EAL's? -EINVAL names the
 * one that is not, and the nearest. */
int eal_options_check(int argc, char *const *argv, struct error *e);

/* Are the cores of -l, -c and --lcores there? ncpus 0: unknown. -EINVAL. */
int eal_cores_check(int argc, char *const *argv, unsigned ncpus, struct error *e);

/* How many lcores these options make; at least 1. ncpus: for when they say nothing. */
unsigned eal_cores_count(int argc, char *const *argv, unsigned ncpus);

/* The value of EAL's option `name` ("vdev", or "a"; long and short ones as they
 * may be written) at argv[i], "" if it takes none, or NULL if argv[i] is not
 * that option. *next: where the following option stands. */
const char *eal_option_at(int argc, char *const *argv, int i, const char *name, int *next);
bool eal_option_given(int argc, char *const *argv, const char *name);

#endif
