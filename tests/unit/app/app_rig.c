/* SPDX-License-Identifier: BSD-3-Clause */
/* The rig of tests of the program's parts. */
#include "app_rig.h"

#include <criterion/criterion.h>

static const char *const services[] = {"http", "echo", "discard", NULL};
static const char *const states[] = {"SYN-RECEIVED", "ESTABLISHED", "TIME-WAIT", NULL};

const struct lexicon rig_lexicon = {services, states};

struct grammar *
rig_grammar(void)
{
	struct grammar *g = NULL;

	cr_assert_eq(grammar_create(&g, command_forms, &rig_lexicon), 0);
	return g;
}
