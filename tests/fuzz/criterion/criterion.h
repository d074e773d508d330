/* SPDX-License-Identifier: BSD-3-Clause */
/* criterion: what the fakes of the unit tests demand, as a fuzz target holds it. They
 * include <criterion/criterion.h>, and here it is this one. */
#ifndef FUZZ_CRITERION_H
#define FUZZ_CRITERION_H

#include "must.h"

#define cr_assert(what, ...)          must(what)
#define cr_assert_eq(a, b, ...)       must((a) == (b))
#define cr_assert_lt(a, b, ...)       must((a) < (b))
#define cr_assert_leq(a, b, ...)      must((a) <= (b))
#define cr_assert_geq(a, b, ...)      must((a) >= (b))
#define cr_assert_not_null(what, ...) must((what) != NULL)
#define cr_expect_eq(a, b, ...)       must((a) == (b))

#endif
