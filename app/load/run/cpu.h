/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu: the name of the machine's CPU.
 *
 * /proc/cpuinfo has a name on x86. On arm64 it has numbers, which a reader of two reports can
 * look up and compare. Some boards give a name there ("Model").
 *
 * Threads    pure.
 * Ownership  the caller's file and text.
 * Errors     none: "unknown".
 */
#ifndef APP_LOAD_CPU_H
#define APP_LOAD_CPU_H

#include <stdio.h>

/* cpuinfo is an open file or NULL. */
void cpu_name(FILE *cpuinfo, char *text, size_t size);

#endif
