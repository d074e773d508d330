/* SPDX-License-Identifier: BSD-3-Clause */
/* look: the TSC, the kernel's clock and the time of day at the same moment, for
 * base/clock_line.h. Once a second: a microsecond or two, by the vDSO. */
#ifndef ENGINE_LOOK_H
#define ENGINE_LOOK_H

#include "base/clock_line.h"

struct clock_look look_now(void);

#endif
