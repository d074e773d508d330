/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that the stack does not serve, for an application that does. */
#include "handfast/handfast.h"
#include "stack/stack.h"
#include "tcp/tcp.h"

int
hf_frames(struct hf_core *h, hf_frame_fn fn, void *arg)
{
	return stack_set_frames(((struct tcp *)h)->below, fn, arg);
}
