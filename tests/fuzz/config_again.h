/* SPDX-License-Identifier: BSD-3-Clause */
/* config_again: the configuration that `set` commands made is printed as commands. They are
 * understood, and make the same of an empty configuration.
 *
 * Files   the named files are not opened. */
#ifndef FUZZ_CONFIG_AGAIN_H
#define FUZZ_CONFIG_AGAIN_H

#include "command/grammar.h"
#include "program/config.h"

struct config_again {
	const struct grammar *g;
	struct config config;
};

void config_again_begin(struct config_again *c, const struct grammar *g);
/* A command that was understood: 0, or why the configuration does not take it. */
int config_again_apply(struct config_again *c, const struct args *a, struct error *e);
void config_again_check(const struct config_again *c);

#endif
