/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu: what the machine's CPU is called.
 *
 * x86 has a name in /proc/cpuinfo. arm64 has numbers there, which whoever wants to
 * compare two reports can look up; a board may say what it is ("Model").
 *
 * Threads  pure.
 * Errors   none: "unknown".
 */
#ifndef APP_LOAD_CPU_H
#define APP_LOAD_CPU_H

#include <stdio.h>

/* cpuinfo: open, or NULL. size: of text. */
void cpu_name(FILE *cpuinfo, char *text, size_t size);

#endif
