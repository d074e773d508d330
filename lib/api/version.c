/* SPDX-License-Identifier: BSD-3-Clause */
/* The version of the library, which is that of the project. */
#include "handfast/handfast.h"

_Static_assert(HF_VERSION == HF_VERSION_OF(PROJECT_MAJOR, PROJECT_MINOR, PROJECT_PATCH),
        "handfast.h has the version that meson.build gives the project");

unsigned
hf_version(void)
{
	return HF_VERSION;
}
