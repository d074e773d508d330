/* SPDX-License-Identifier: BSD-3-Clause */
/* signals: those that would end the program ask for an end in order; asked twice, it does
 * not wait.
 *
 * Those that were ignored when it started stay so, but for SIGINT and SIGTERM.
 *
 * Threads  any may ask; signals_catch*() and signals_obey() are the main thread's.
 */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

/* How many have come. */
unsigned signals_seen(void);
void signals_catch(void);
/* Of each kind the first one: the second ends the program at once, for nobody may be there
 * to hear of it. */
void signals_catch_once(void);
/* Behind the work: end as the signal that came would have. Returns if none did. */
void signals_obey(void);

#endif
