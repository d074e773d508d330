/* SPDX-License-Identifier: BSD-3-Clause */
/* mutate_step: one step of a script becomes another one. */
#ifndef FUZZ_MUTATE_STEP_H
#define FUZZ_MUTATE_STEP_H

#include "templates.h"

void mutate_step(struct draft_step *s, struct rng *r);
/* Cut a segment with text in two: the second half is left in *second. False: there is
 * nothing to cut. */
bool mutate_split(struct draft_step *s, struct draft_step *second, struct rng *r);
/* Add N to the sequence number. */
void mutate_shift(struct draft_step *s, uint32_t n);

#endif
