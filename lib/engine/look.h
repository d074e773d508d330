/* SPDX-License-Identifier: BSD-3-Clause */
/* look: the TSC, the kernel's clock and the time of day at the same moment, for
 * base/clock_line.h.
 *
 * Threads    any. Memory: none. Errors: none.
 * Bounds     eight tries: a microsecond or two, through the vDSO. Called once a second.
 */
#ifndef ENGINE_LOOK_H
#define ENGINE_LOOK_H

#include "base/clock_line.h"

struct clock_look look_now(void);

#endif
