/* SPDX-License-Identifier: BSD-3-Clause */
/* out: what the program says, on its way to who may not read it.
 *
 * From out_open() on, stdout and stderr are queues in memory, and threads write what is
 * in them: a full pipe, a terminal that was told to stop (Ctrl-S), a slow disk hold up
 * those threads, and not the main core, which may be polling ports.
 *
 * Bounds     OUT_MOST bytes each. What is said beyond is lost, and counted: the reader
 *            finds a line that says so where it is missing. Where somebody may wait
 *            (see out_open()), the main core waits for room instead, until a signal.
 * Order      stdout and stderr are one queue if they are one file.
 * The end    out_close() writes what is left, for as long as the reader takes it; after
 *            a signal, a reader who takes nothing for half a second gets no more.
 *            What is said before abort() or exit() has half a second to be written.
 * Threads    any may say something; out_* are the main core's.
 */
#ifndef APP_OUT_H
#define APP_OUT_H

#include <stdbool.h>

#define OUT_MOST (64u << 20)
#define OUT_SOME (1u << 20) /* as much as is there if one may wait */

struct out;

/* may_wait: is nothing else to be done on this core? NULL, and it has been said why: then
 * all stays as it was. */
struct out *out_open(bool (*may_wait)(void *ctx), void *ctx);
/* 0, or an errno: not all that was said could be written. */
int out_close(struct out *o);
/* The same where there are no queues. */
int out_flush(void);
/* The program's exit code, with what the two above returned: of 0 it makes an error, which is
 * said on stderr. A reader who has seen enough (EPIPE) is told nothing. */
int out_code(int code, int err);

#endif
