/* SPDX-License-Identifier: BSD-3-Clause */
/* spec_args: a `load` command's words as what is to be done.
 *
 * What was not said gets its default. That words fit each other is checked here,
 * that each is sensible by itself where it is read (values.h).
 *
 * Errors  -EINVAL, with e filled in.
 */
#ifndef APP_LOAD_SPEC_ARGS_H
#define APP_LOAD_SPEC_ARGS_H

#include "command/grammar.h"
#include "load/spec/spec.h"
#include "text/error.h"

int load_spec_from_args(struct load_spec *s, const struct args *a, struct error *e);

#endif
