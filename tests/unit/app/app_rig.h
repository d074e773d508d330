/* SPDX-License-Identifier: BSD-3-Clause */
/* app_rig: the program's commands with names of the tests' own. */
#ifndef UNIT_APP_RIG_H
#define UNIT_APP_RIG_H

#include "command/grammar.h"

extern const struct lexicon rig_lexicon;

struct grammar *rig_grammar(void);

#endif
