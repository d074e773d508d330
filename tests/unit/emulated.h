/* SPDX-License-Identifier: BSD-3-Clause */
/* emulated: tests that an emulator of another CPU cannot show (cross/). */
#ifndef TESTS_EMULATED_H
#define TESTS_EMULATED_H

#include <criterion/criterion.h>

#ifdef EMULATOR
#define skip_if_emulated(why) cr_skip_test(EMULATOR ": " why)
#else
#define skip_if_emulated(why) ((void)0)
#endif

#endif
