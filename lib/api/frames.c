/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that the stack does not serve, for an application that does. */
#include "api/private.h"
#include "stack/stack.h"

int
hf_frames(struct hf_core *h, hf_frame_fn fn, void *arg)
{
	return stack_set_frames(core(h)->below, fn, arg);
}
