/* SPDX-License-Identifier: BSD-3-Clause */
/* spec_args: turns the arguments of a `load` command into a load_spec.
 *
 * An option that is not given gets its default. Whether options fit each other is checked here;
 * the bounds of each value are checked where it is read (values.h).
 *
 * Threads    any.
 * Ownership  the spec holds copies.
 * Errors     -EINVAL, with e filled in.
 */
#ifndef APP_LOAD_SPEC_ARGS_H
#define APP_LOAD_SPEC_ARGS_H

#include "command/grammar.h"
#include "load/spec/spec.h"
#include "text/error.h"

int load_spec_from_args(struct load_spec *s, const struct args *a, struct error *e);

#endif
