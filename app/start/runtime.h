/* SPDX-License-Identifier: BSD-3-Clause */
/* runtime: removal of the folder where EAL keeps the files that programs of one file prefix
 * share. EAL leaves it behind, and it holds some megabytes.
 *
 * The folder is removed when the program ends, unless another program uses it. A primary
 * program holds a lock on `config`, a secondary one holds a lock on each array that it has
 * mapped (rte_fbarray). runtime_remove() asks for these locks first, as EAL does before it
 * removes such files, and it tries to connect to each telemetry socket. A file of an unknown
 * name stays, and the folder stays with it.
 *
 * Threads  the main one, after rte_eal_cleanup().
 * Memory   none.
 * Errors   none; a folder that cannot be removed stays.
 */
#ifndef APP_RUNTIME_H
#define APP_RUNTIME_H

/* "" or NULL: EAL made no folder. */
void runtime_remove(const char *folder);

#endif
