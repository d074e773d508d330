/* SPDX-License-Identifier: BSD-3-Clause */
/* report_paths: do two paths lead to one file?
 *
 * Links are followed, hard ones too, whether the file is there or not yet. Devices are never
 * one: what is written to them replaces nothing.
 *
 * Threads  any; it asks the file system each time.
 * Errors   what cannot be looked at is taken for another file.
 */
#ifndef APP_LOAD_REPORT_PATHS_H
#define APP_LOAD_REPORT_PATHS_H

#include <stdbool.h>

bool report_paths_same(const char *a, const char *b);

#endif
