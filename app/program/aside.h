/* SPDX-License-Identifier: BSD-3-Clause */
/* aside: runs a function that may wait for a disk on a thread, while packets are processed.
 *
 * Threads    called on the main core, outside of a turn. The main core only polls until `fn`
 *            returns, so `fn` has `arg` to itself.
 * Ownership  `arg` is the caller's.
 * Errors     without a thread, `fn` runs on the main core.
 * Bounds     after a signal `fn` gets two more seconds; then its system calls fail with EINTR.
 */
#ifndef APP_ASIDE_H
#define APP_ASIDE_H

#include "program/app.h"

/* Returns the result of `fn`. */
int aside_do(struct app *app, int (*fn)(void *arg), void *arg);

#endif
