/* SPDX-License-Identifier: BSD-3-Clause */
/* runtime: the folder in which EAL keeps what programs of one file prefix share, some
 * megabytes, and leaves it there.
 *
 * It goes with the program, unless another one uses it: a primary one holds a lock on
 * `config`, a secondary one on each array that it has mapped (rte_fbarray). Those locks are
 * asked for first, as EAL itself does before it removes what is left over; and a socket of
 * telemetry is connected to. What is not known here stays, and the folder with it.
 *
 * Threads  the main one's, behind rte_eal_cleanup().
 * Memory   none.
 */
#ifndef APP_RUNTIME_H
#define APP_RUNTIME_H

/* "" or NULL: there is none. */
void runtime_remove(const char *folder);

#endif
