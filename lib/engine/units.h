/* SPDX-License-Identifier: BSD-3-Clause */
/* units: DPDK's rte_cycles.h and our base/clock.h define the same names for
 * the same numbers. Included before base/clock.h, in any order with DPDK's
 * headers, this lets ours stand: rte_cycles.h guards itself. */
#ifndef ENGINE_UNITS_H
#define ENGINE_UNITS_H

#include <rte_cycles.h>

#undef MS_PER_S
#undef US_PER_S

#endif
