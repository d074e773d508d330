/* SPDX-License-Identifier: BSD-3-Clause */
/* aside: what may have to wait for a disk is done by a thread, and packets go on.
 *
 * Threads  the main core's, outside of a turn. fn runs alone with arg: the main core
 *          does nothing but poll meanwhile.
 * The end  behind a signal it gets two seconds more; then its system calls fail with
 *          EINTR.
 */
#ifndef APP_ASIDE_H
#define APP_ASIDE_H

#include "program/app.h"

/* What fn returns. */
int aside_do(struct app *app, int (*fn)(void *arg), void *arg);

#endif
