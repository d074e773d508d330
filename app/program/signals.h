/* SPDX-License-Identifier: BSD-3-Clause */
/* signals: counts the signals that ask the program to end. After the first one the program
 * ends in order; after the second one it does not wait.
 *
 * A signal that was ignored when the program started stays ignored, except for SIGINT and
 * SIGTERM.
 *
 * Threads  any may call signals_seen(); the main thread calls the others.
 * Memory   none.
 */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

/* The number of signals so far. */
unsigned signals_seen(void);
void signals_catch(void);
/* Catches the first signal of each kind. The second one ends the program at once, because no
 * loop may be there that looks at signals_seen(). */
void signals_catch_once(void);
/* Called at the end of the work: ends the program by the signal that came. Returns if none
 * came. */
void signals_obey(void);

#endif
