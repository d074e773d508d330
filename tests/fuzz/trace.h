/* SPDX-License-Identifier: BSD-3-Clause */
/* trace: a script as it is played, a line for each segment; with TRACE=1. */
#ifndef FUZZ_TRACE_H
#define FUZZ_TRACE_H

#include "base/clock.h"
#include "base/drop.h"
#include "script.h"
#include "wire/seg.h"

void trace_command(struct clock now, uint8_t command);
void trace_seg(struct clock now, bool in, enum drop why, const struct seg *s);

#endif
