/* SPDX-License-Identifier: BSD-3-Clause */
#include "program/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* All that would end the program at once, but for its own mistakes (SIGSEGV and the like).
 * Of real-time signals, net_tap takes those that nobody has. */
static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,
        SIGVTALRM, SIGPROF, SIGXCPU, SIGPOLL, SIGPWR};

/* The only things that a handler may touch. */
static volatile sig_atomic_t seen;
static volatile sig_atomic_t last;

static void
handle(int number)
{
	last = number;
	if (seen < 100)
		seen = seen + 1;
}

unsigned
signals_seen(void)
{
	return (unsigned)seen;
}

/* nohup starts a program with SIGHUP ignored. Whoever asks by SIGINT or SIGTERM is always
 * heard: shells let background jobs begin with SIGINT ignored. */
static bool
stays_ignored(int number)
{
	struct sigaction now;

	return number != SIGINT && number != SIGTERM && sigaction(number, NULL, &now) == 0 &&
	       now.sa_handler == SIG_IGN;
}

static void
catch_all(int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handle; /* without SA_RESTART: poll() is to come back */
	sa.sa_flags = flags;
	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!stays_ignored(ends[i]))
			sigaction(ends[i], &sa, NULL);
	}
	/* of a reader who is gone, and a file that may not grow, write() tells */
	sa.sa_handler = SIG_IGN;
	sa.sa_flags = 0;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL);
}

void
signals_catch_once(void)
{
	catch_all((int)SA_RESETHAND);
}

void
signals_catch(void)
{
	catch_all(0);
}

void
signals_obey(void)
{
	if (seen == 0)
		return;
	signal(last, SIG_DFL);
	raise(last);
}
