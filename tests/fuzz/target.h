/* SPDX-License-Identifier: BSD-3-Clause */
/* target: the functions that libFuzzer and replay.c call. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The functions of libFuzzer, and those that it calls if they exist (mutate.c). */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b,
        size_t b_size, uint8_t *out, size_t max_size, unsigned seed);

#endif
