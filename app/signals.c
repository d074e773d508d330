/* SPDX-License-Identifier: BSD-3-Clause */
/* SIGINT and SIGTERM ask for an end in order; asked twice, it does not wait. */
#include <signal.h>
#include <string.h>

#include "app.h"

static volatile sig_atomic_t seen; /* the one thing that a handler may touch */

static void
handle(int number)
{
	(void)number;
	if (seen < 100)
		seen = seen + 1;
}

unsigned
signals_seen(void)
{
	return (unsigned)seen;
}

void
signals_catch(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handle; /* without SA_RESTART: poll() is to come back */
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
}
