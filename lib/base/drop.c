/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/drop.h"

#include <assert.h>

#define NAME_MAX_LEN 24

/* The preprocessor cannot lower a letter, but a constant expression can: the
 * names are made from the enum's own, so that the two cannot part ways. */
#define LOWER(c)  ((c) >= 'A' && (c) <= 'Z' ? (c) + ('a' - 'A') : (c))
#define AT(s, i)  LOWER((s)[(i) < sizeof(s) ? (i) : sizeof(s) - 1])
#define AT4(s, i) AT(s, i), AT(s, (i) + 1), AT(s, (i) + 2), AT(s, (i) + 3)
#define LOWERED(s)                                                                        \
	{                                                                                 \
		AT4(s, 0u), AT4(s, 4u), AT4(s, 8u), AT4(s, 12u), AT4(s, 16u), AT4(s, 20u) \
	}

#define X(name, text) \
	_Static_assert(sizeof(#name) <= NAME_MAX_LEN, "raise NAME_MAX_LEN for " #name);
DROP_REASONS(X)
#undef X

/* clang-format off */
static const char names[DROP_COUNT][NAME_MAX_LEN] = {
	"none",
#define X(name, text) [DROP_##name] = LOWERED(#name),
	DROP_REASONS(X)
#undef X
};

static const char *const texts[DROP_COUNT] = {
	"not dropped",
#define X(name, text) [DROP_##name] = text,
	DROP_REASONS(X)
#undef X
};
/* clang-format on */

const char *
drop_name(enum drop why)
{
	assert(why < DROP_COUNT);
	return names[why];
}

const char *
drop_text(enum drop why)
{
	assert(why < DROP_COUNT);
	return texts[why];
}
