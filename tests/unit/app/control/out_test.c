/* SPDX-License-Identifier: BSD-3-Clause */
/* Output to a pipe that is read late, or never. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/out.h"
#include "emulated.h"
#include "engine/thread.h"
#include "program/app.h"

#define PIPE (1 << 16)

static unsigned signals;
static bool waits;
static unsigned asked; /* how often it would have waited */

unsigned
signals_seen(void)
{
	return signals;
}

static void
nothing(int number)
{
	(void)number;
}

int
thread_create(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg)
{
	const struct sigaction wake = {.sa_handler = nothing};

	(void)name;
	sigaction(THREAD_WAKE, &wake, NULL);
	return pthread_create(t, NULL, fn, arg);
}

void
thread_end(pthread_t t, const bool *done)
{
	while (!__atomic_load_n(done, __ATOMIC_ACQUIRE)) {
		pthread_kill(t, THREAD_WAKE);
		usleep(1000);
	}
	pthread_join(t, NULL);
}

/* The signal comes while it waits. */
static bool
may_wait(void *ctx)
{
	(void)ctx;
	signals += waits && ++asked == 3;
	return waits;
}

struct rig {
	struct out *out;
	int reader;
};

/* stdout and stderr are pipes from now on; stderr's is never full. */
static struct rig
rig_open(void)
{
	struct rig r;
	int fds[2], other[2];

	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(pipe(other), 0);
	dup2(fds[1], STDOUT_FILENO);
	dup2(other[1], STDERR_FILENO);
	close(fds[1]);
	r.reader = fds[0];
	r.out = out_open(may_wait, NULL);
	cr_assert_not_null(r.out);
	return r;
}

static void
say(size_t len, char with)
{
	static char text[1 << 20];

	memset(text, with, len);
	fwrite(text, 1, len, stdout);
	fflush(stdout);
}

struct listener {
	int fd;
	char *seen;
	size_t len;
};

static void *
listen_to(void *listener)
{
	struct listener *l = listener;
	ssize_t n;

	while ((n = read(l->fd, l->seen + l->len, 1 << 16)) > 0)
		l->len += (size_t)n;
	return NULL;
}

/* All of it, to the end. */
static struct listener
close_and_read(struct rig *r)
{
	struct listener l = {.fd = r->reader, .seen = calloc(1, OUT_MOST + (2 << 20))};
	pthread_t t;

	cr_assert_not_null(l.seen);
	pthread_create(&t, NULL, listen_to, &l);
	out_close(r->out);
	close(STDOUT_FILENO);
	pthread_join(t, NULL);
	return l;
}

Test(out, what_is_said_arrives_in_order)
{
	struct rig r = rig_open();
	struct listener l;

	for (unsigned i = 0; i < 1000; i++)
		printf("%u\n", i);
	l = close_and_read(&r);
	cr_expect_eq(strncmp(l.seen, "0\n1\n2\n", 6), 0);
	cr_expect_str_eq(l.seen + l.len - 8, "998\n999\n");
	free(l.seen);
}

/* There is no reader. With one, this test would never end. */
Test(out, no_peer_that_says_something_waits)
{
	struct rig r = rig_open();
	struct listener l;

	for (unsigned i = 0; i < 16; i++)
		say(1 << 20, 'x');
	l = close_and_read(&r);
	cr_expect_eq(l.len, 16u << 20);
	free(l.seen);
}

Test(out, what_is_too_much_is_lost_and_counted)
{
	struct rig r = rig_open();
	struct listener l;
	unsigned most = OUT_MOST >> 20;

	for (unsigned i = 0; i < most + 5; i++)
		say(1 << 20, 'x');
	l = close_and_read(&r);
	cr_expect_not_null(strstr(l.seen, "bytes are missing here: the reader was too slow"));
	cr_expect_leq(l.len, OUT_MOST + 100u);
	cr_expect_geq(l.len, OUT_MOST - (1u << 20));
	free(l.seen);
}

Test(out, a_caller_that_may_wait_does_until_a_signal)
{
	struct rig r = rig_open();
	struct listener l;

	waits = true;
	for (unsigned i = 0; i < 4; i++)
		say(1 << 20, 'x');
	cr_expect_eq(asked, 3u);
	cr_expect_eq(signals, 1u);
	l = close_and_read(&r);
	cr_expect_eq(l.len, 4u << 20);
	free(l.seen);
}

/* The end of the program does not depend on a reader that never reads. */
Test(out, after_a_signal_the_end_comes_all_the_same)
{
	struct rig r = rig_open();

	say(4 * PIPE, 'x');
	signals = 1;
	out_close(r.out);
}

Test(out, a_reader_that_is_gone_is_no_reason_to_wait)
{
	struct rig r = rig_open();

	signal(SIGPIPE, SIG_IGN);
	close(r.reader);
	for (unsigned i = 0; i < 16; i++)
		say(1 << 20, 'x');
	cr_expect_eq(out_close(r.out), EPIPE);
}

static void
redirect_to(const char *path, int number)
{
	int fd = open(path, O_WRONLY);

	dup2(fd, number);
	close(fd);
}

Test(out, what_could_not_be_written_is_known_at_the_end)
{
	struct out *o;

	redirect_to("/dev/full", STDOUT_FILENO);
	redirect_to("/dev/null", STDERR_FILENO);
	o = out_open(may_wait, NULL);
	printf("said");
	cr_expect_eq(out_close(o), ENOSPC);
	o = out_open(may_wait, NULL);
	cr_expect_eq(out_close(o), 0, "nothing was said");
	redirect_to("/dev/null", STDOUT_FILENO);
	redirect_to("/dev/full", STDERR_FILENO);
	o = out_open(may_wait, NULL);
	fprintf(stderr, "said");
	cr_expect_eq(out_close(o), ENOSPC);
}

Test(out, what_was_said_before_there_are_queues_counts)
{
	struct out *o;

	redirect_to("/dev/full", STDOUT_FILENO);
	redirect_to("/dev/null", STDERR_FILENO);
	printf("said");
	cr_expect_eq(out_flush(), ENOSPC);
	cr_expect_eq(out_flush(), 0, "it is told once");
	printf("said");
	o = out_open(may_wait, NULL);
	cr_expect_eq(out_close(o), ENOSPC);
	cr_expect_eq(out_flush(), 0, "it is told once");
}

Test(out, an_error_is_no_success_and_a_reader_who_has_enough_is_told_nothing,
        .init = cr_redirect_stderr)
{
	char text[128] = "";

	cr_expect_eq(out_code(0, 0), 0);
	cr_expect_eq(out_code(EXIT_MISSED, 0), EXIT_MISSED);
	cr_expect_eq(out_code(0, EPIPE), EXIT_ENVIRONMENT);
	cr_expect_eq(out_code(0, ENOSPC), EXIT_ENVIRONMENT);
	cr_expect_eq(out_code(EXIT_USAGE, EPIPE), EXIT_USAGE);
	fflush(stderr);
	cr_expect_gt(fread(text, 1, sizeof(text) - 1, cr_get_redirected_stderr()), 0u);
	cr_expect_str_eq(text, "handfast: output could not be written: No space left on "
	                       "device\n");
}

Test(out, stdout_and_stderr_to_one_file_keep_their_order)
{
	struct rig r;
	struct listener l;
	int fds[2];

	cr_assert_eq(pipe(fds), 0);
	dup2(fds[1], STDOUT_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	r.reader = fds[0];
	r.out = out_open(may_wait, NULL);
	for (unsigned i = 0; i < 100; i++) {
		printf("%u ", i);
		fflush(stdout);
		fprintf(stderr, "-%u ", i);
	}
	close(STDERR_FILENO);
	l = close_and_read(&r);
	cr_expect_eq(strncmp(l.seen, "0 -0 1 -1 2 -2 3 ", 17), 0, "%.40s", l.seen);
	free(l.seen);
}

/* The last words of an assertion. */
Test(out, what_is_said_before_abort_is_written)
{
	char seen[64] = "";
	pid_t child;
	int fds[2];

	skip_if_emulated("it ends where a child of fork() starts a thread");
	cr_assert_eq(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		out_open(may_wait, NULL);
		fprintf(stderr, "assertion failed");
		abort();
	}
	close(fds[1]);
	cr_expect_gt(read(fds[0], seen, sizeof(seen) - 1), 0);
	cr_expect_str_eq(seen, "assertion failed");
	waitpid(child, NULL, 0);
}
