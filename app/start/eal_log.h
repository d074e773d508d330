/* SPDX-License-Identifier: BSD-3-Clause */
/* eal_log: what EAL and its drivers say while they start.
 *
 * They return -1 for everything, and rte_errno is often that of something else. Their
 * log names the cause. So its errors are kept, and quoted in the message to the user.
 *
 * Threads    lines come from any thread, one at a time; all else is the main one's,
 *            before others log.
 * Ownership  the caller's struct; it stays until eal_log_close().
 * Memory     bounded: the first EAL_LOG_LINES errors, each cut at EAL_LOG_LINE.
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
	bool aloud;                             /* the user asked for it: it is written, too */
	bool midst;                             /* the last line has no end yet */
	FILE *stream;
};

/* From here on EAL logs into it. */
void eal_log_open(struct eal_log *log, bool aloud);
/* It logs as always again. */
void eal_log_close(struct eal_log *log);

/* What is said to EAL's log at this moment; for eal_log_open() and for tests. */
void eal_log_add(struct eal_log *log, const char *text, size_t len);

#endif
