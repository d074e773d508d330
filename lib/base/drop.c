/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of drop reasons and of severities, and the look-ups in them. */
#include "base/drop.h"

#include <assert.h>

static const struct drop_row {
	const char *name;
	const char *text;
	enum drop_severity severity;
} reasons[DROP_COUNT] = {[DROP_NONE] = {"none", "not dropped", SEVERITY_NORMAL},
#define X(reason, name, severity, text) [DROP_##reason] = {name, text, SEVERITY_##severity},
        DROP_REASONS(X)
#undef X
};

static const struct severity_row {
	const char *name;
	const char *text;
} severities[SEVERITY_COUNT] = {
#define X(severity, name, text) [SEVERITY_##severity] = {name, text},
        DROP_SEVERITIES(X)
#undef X
};

const char *
drop_name(enum drop why)
{
	assert(why < DROP_COUNT);
	return reasons[why].name;
}

const char *
drop_text(enum drop why)
{
	assert(why < DROP_COUNT);
	return reasons[why].text;
}

enum drop_severity
drop_severity(enum drop why)
{
	assert(why < DROP_COUNT);
	return reasons[why].severity;
}

const char *
severity_name(enum drop_severity s)
{
	assert(s < SEVERITY_COUNT);
	return severities[s].name;
}

const char *
severity_text(enum drop_severity s)
{
	assert(s < SEVERITY_COUNT);
	return severities[s].text;
}
