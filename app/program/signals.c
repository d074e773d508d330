/* SPDX-License-Identifier: BSD-3-Clause */
/* Handlers that count the signals which ask the program to end. */
#include "program/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* The signals whose default action ends the program, except for those of a bug (SIGSEGV and
 * others). Real-time signals are left out: net_tap uses the ones without a handler. */
static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,
        SIGVTALRM, SIGPROF, SIGXCPU, SIGPOLL, SIGPWR};

/* A handler may use only variables of this type. */
static volatile sig_atomic_t seen;
static volatile sig_atomic_t last;

static void
note_signal(int number)
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

/* nohup starts a program with SIGHUP ignored, and that is kept. SIGINT and SIGTERM are always
 * caught: shells start background jobs with SIGINT ignored. */
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
	sa.sa_handler = note_signal; /* without SA_RESTART, so that poll() returns */
	sa.sa_flags = flags;
	for (unsigned i = 0; i < sizeof(end_signals) / sizeof(end_signals[0]); i++) {
		if (!stays_ignored(end_signals[i]))
			sigaction(end_signals[i], &sa, NULL);
	}
	/* write() returns an error for a closed pipe and for a file at its size limit */
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
