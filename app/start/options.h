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
	uint32_t load_wait_s;    /* how long a load waits for its link and for ARP; 0: 60 */
	uint32_t pool_size;      /* packet buffers per worker; 0: from the number of ports */
};

int options_read(struct options *o, int argc, char *const *argv, struct error *e);
void options_help(FILE *f);

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
