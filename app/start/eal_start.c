/* SPDX-License-Identifier: BSD-3-Clause */
/* The start of EAL, with its output kept aside. */
#include "start/eal_start.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "start/eal_explain.h"
#include "start/options.h"

static bool
is_limited(void)
{
	struct rlimit as;

	return getrlimit(RLIMIT_AS, &as) == 0 && as.rlim_cur != RLIM_INFINITY;
}

/* Can four more files be opened? EAL opens that many at a time. */
static bool
has_files(void)
{
	int fd[4], n = 0;
	bool enough;

	while (n < 4 && (fd[n] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
		n++;
	enough = n == 4 || (errno != EMFILE && errno != ENFILE);
	while (n > 0)
		close(fd[--n]);
	return enough;
}

/* EAL maps its files and writes to the mapping, so a full disk raises SIGBUS. */
static struct {
	sigjmp_buf back;
	pthread_t thread;
} full;

static void
on_bus(int number)
{
	if (pthread_equal(pthread_self(), full.thread))
		siglongjmp(full.back, 1);
	signal(number, SIG_DFL);
}

static int
init_on_disk(int argc, char **args, struct eal_log *log)
{
	static const char why[] = "a file of its runtime folder: No space left on device\n";
	int err;

	full.thread = pthread_self();
	if (sigsetjmp(full.back, 1) == 0) {
		signal(SIGBUS, on_bus);
		err = rte_eal_init(argc, args);
	} else {
		log->n = 0; /* earlier lines tell of failures that EAL recovered from */
		log->midst = false;
		eal_log_add(log, why, sizeof(why) - 1);
		err = -1;
	}
	signal(SIGBUS, SIG_DFL);
	return err;
}

/* Without --log-level from the user, EAL logs errors only. */
static int
init_eal(int argc, char **argv, bool aloud, struct eal_log *log)
{
	static char quiet[] = "--log-level=error";
	char **args = calloc((size_t)argc + 2, sizeof(*args));
	int err;

	if (args == NULL)
		return -1;
	memcpy(args, argv, (size_t)argc * sizeof(*args));
	if (!aloud)
		args[argc++] = quiet;
	rte_errno = 0;
	err = init_on_disk(argc, args, log);
	free(args);
	return err;
}

/* Where standard output and error go while EAL starts. on_abort() reads it, so that the text
 * of a panic is printed. */
static struct aside {
	const struct eal_log *log;
	int fd;  /* the memory file that takes the output */
	int out; /* the real standard output */
	int err; /* the real standard error */
} aside;

static void
restore_output(const struct aside *a)
{
	if (a->out >= 0)
		dup2(a->out, STDOUT_FILENO);
	if (a->err >= 0)
		dup2(a->err, STDERR_FILENO);
}

/* rte_panic() ends in abort(). The handler uses only functions that are safe in signals. */
static void
on_abort(int signal)
{
	char text[512];
	ssize_t n;

	(void)signal;
	restore_output(&aside);
	for (unsigned i = 0; i < aside.log->n; i++) {
		const char *line = aside.log->line[i];

		if (write(STDERR_FILENO, line, strlen(line)) < 0 ||
		        write(STDERR_FILENO, "\n", 1) < 0)
			return;
	}
	lseek(aside.fd, 0, SEEK_SET);
	while ((n = read(aside.fd, text, sizeof(text))) > 0)
		if (write(STDERR_FILENO, text, (size_t)n) < 0)
			return;
}

static void
put_output_aside(const struct eal_log *log)
{
	fflush(stdout);
	fflush(stderr);
	aside = (struct aside) {.log = log, .out = -1, .err = -1};
	aside.fd = memfd_create("eal", MFD_CLOEXEC);
	if (aside.fd < 0)
		return;
	aside.out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	aside.err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	signal(SIGABRT, on_abort);
	if (aside.out >= 0)
		dup2(aside.fd, STDOUT_FILENO);
	if (aside.err >= 0)
		dup2(aside.fd, STDERR_FILENO);
}

/* Returns true if EAL has printed its usage. */
static bool
take_output_back(void)
{
	char text[4096] = "";

	fflush(stdout);
	if (aside.fd < 0)
		return false;
	restore_output(&aside);
	signal(SIGABRT, SIG_DFL);
	if (pread(aside.fd, text, sizeof(text) - 1, 0) < 0)
		text[0] = '\0';
	close(aside.fd);
	if (aside.out >= 0)
		close(aside.out);
	if (aside.err >= 0)
		close(aside.err);
	return strstr(text, "EAL common options") != NULL;
}

int
eal_start(int argc, char **argv, struct eal_log *log, struct error *e)
{
	struct eal_failure f = {.log = log, .argc = argc, .argv = argv};
	bool aloud = eal_option_given(argc, argv, "log-level");
	int err;

	eal_log_open(log, aloud);
	if (!aloud)
		put_output_aside(log);
	err = init_eal(argc, argv, aloud, log);
	f.err = rte_errno;
	f.files = err < 0 && !has_files();
	if (!aloud)
		f.usage = take_output_back();
	if (err >= 0)
		return 0;
	f.limited = is_limited();
	log->aloud = true; /* the message quotes the log, so it is not printed again */
	return eal_explain(&f, e);
}

void
eal_start_over(struct eal_log *log)
{
	eal_log_close(log);
	if (log->aloud)
		return;
	for (unsigned i = 0; i < log->n; i++)
		if (!eal_explain_is_noise(log->line[i]))
			fprintf(stderr, "%s\n", log->line[i]);
	/* Later errors of net_tap about its flow rules are expected, too. */
	rte_log_set_level_pattern("pmd.net.tap", RTE_LOG_CRIT);
}
