/* SPDX-License-Identifier: BSD-3-Clause */
/* eal_log: the errors that EAL and its drivers log while they start.
 *
 * EAL and its drivers return -1 for all failures, and rte_errno often belongs to another
 * failure. Their log names the cause, so its errors are kept and quoted to the user.
 *
 * Threads    log lines come from any thread, one at a time. The main thread calls the
 *            functions, before other threads log.
 * Ownership  the caller owns the struct; it stays until eal_log_close().
 * Bounds     the first EAL_LOG_LINES errors, each cut at EAL_LOG_LINE.
 */
#ifndef APP_EAL_LOG_H
#define APP_EAL_LOG_H

#include <stdbool.h>
#include <stdio.h>

#define EAL_LOG_LINES 24
#define EAL_LOG_LINE  200

struct eal_log {
	unsigned n;
	char line[EAL_LOG_LINES][EAL_LOG_LINE]; /* without "EAL: " and the end of line */
	bool aloud;                             /* lines are also written to stderr */
	bool midst;                             /* the last line has no end yet */
	FILE *stream;
};

/* From now on EAL logs into `log`. */
void eal_log_open(struct eal_log *log, bool aloud);
/* EAL logs to its default stream again. */
void eal_log_close(struct eal_log *log);

/* Adds text, as EAL writes it; for eal_log_open() and for tests. */
void eal_log_add(struct eal_log *log, const char *text, size_t len);

#endif
