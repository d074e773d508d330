/* SPDX-License-Identifier: BSD-3-Clause */
/* out: the program's output, which must not wait for its reader.
 *
 * After out_open(), stdout and stderr are queues in memory, and threads write them out. A full
 * pipe, a stopped terminal (Ctrl-S) or a slow disk holds up those threads, but not the main
 * core, which may be polling ports.
 *
 * Threads    any thread may print; the main core calls the functions.
 * Memory     the queues, freed by out_close().
 * Bounds     OUT_MOST bytes per queue. Output beyond that is lost and counted, and a line says
 *            so at the place where it is missing. If may_wait() allows it, the main core waits
 *            for room instead, until a signal comes.
 * Errors     an errno, see each function.
 * Order      stdout and stderr share one queue if they are the same file.
 * The end    out_close() writes the rest for as long as the reader takes it. After a signal, a
 *            reader that takes nothing for half a second gets no more. Output before abort() or
 *            exit() has half a second to be written.
 */
#ifndef APP_OUT_H
#define APP_OUT_H

#include <stdbool.h>

#define OUT_MOST (64u << 20)
#define OUT_SOME                                                                    \
	(1u << 20) /* the length of a queue at which the main core waits, if it may \
	            */

struct out;

/* may_wait() says whether the main core has no other work. Returns NULL on failure, with a
 * message on stderr; stdout and stderr are then unchanged. */
struct out *out_open(bool (*may_wait)(void *ctx), void *ctx);
/* Returns 0, or an errno if some output could not be written. */
int out_close(struct out *o);
/* The same for a program without queues. */
int out_flush(void);
/* The exit code of the program, given its code so far and the result of out_close() or
 * out_flush(). An error turns 0 into EXIT_ENVIRONMENT and is printed on stderr, except for a
 * closed pipe (EPIPE), which is not printed. */
int out_code(int code, int err);

#endif
