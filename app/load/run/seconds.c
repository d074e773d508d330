/* SPDX-License-Identifier: BSD-3-Clause */
/* Adds rows to a load's course, and splits a row in which our cores did not run. */
#include "load/run/seconds.h"

#include <math.h>
#include <stdlib.h>

#define SECOND_US     1000000u
#define HALT_LEAST_US (SECOND_US / 4)

/* The arguments of one split. */
struct split {
	struct load_result *r;
	uint64_t begin_us;
	const struct seconds_edge *last;
	const struct load_second *all;
	const struct load_halt *halt;
};

static struct load_second *
add_row(struct load_result *r, const struct load_second *s)
{
	struct load_second *more = realloc(
	        r->second, (r->nseconds + 1) * sizeof(struct load_second));

	if (more == NULL)
		return NULL;
	r->second = more;
	more = &more[r->nseconds++];
	*more = *s;
	return more;
}

static double
since_begin_s(const struct split *p, uint64_t us)
{
	return us > p->begin_us ? (double)(us - p->begin_us) / SECOND_US : 0;
}

/* 0 if `to` is less: a core may have stopped before the others, and before the last row. */
static uint64_t
count_since(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

/* Percentiles describe the whole row. A part has them only if no connection ended in the
 * other part. */
static void
forget_percentiles(struct load_second *part, const struct load_second *all)
{
	if (part->completed == all->completed)
		return;
	part->p50_us = part->p99_us = part->completed == 0 ? 0 : LOAD_UNKNOWN;
}

static bool
add_row_before(const struct split *p, struct load_second *before)
{
	const struct load_halt *halt = p->halt;
	uint64_t ended;

	if (halt->from_us <= p->last->at_us)
		return true;
	*before = *p->all;
	before->at_s = since_begin_s(p, halt->from_us);
	before->for_s = (double)(halt->from_us - p->last->at_us) / SECOND_US;
	before->attempted = count_since(p->last->attempted, halt->attempted);
	before->completed = count_since(p->last->completed, halt->completed);
	ended = count_since(halt->open, before->attempted + p->last->open);
	before->errors = count_since(before->completed, ended);
	before->open = halt->open;
	before->away_s = 0;
	forget_percentiles(before, p->all);
	return add_row(p->r, before) != NULL;
}

/* One row a second in which nothing was done; the last row may be shorter. */
static bool
add_rows_away(const struct split *p)
{
	const struct load_halt *halt = p->halt;
	uint64_t from_us = halt->from_us > p->last->at_us ? halt->from_us : p->last->at_us;

	while (from_us < halt->to_us) {
		uint64_t left_us = halt->to_us - from_us;
		uint64_t us = left_us < SECONDS_LONG_US ? left_us : SECOND_US;
		struct load_second s = {
		        .for_s = (double)us / SECOND_US,
		        .away_s = (double)us / SECOND_US,
		        .open = halt->open,
		};

		from_us += us;
		s.at_s = since_begin_s(p, from_us);
		if (add_row(p->r, &s) == NULL)
			return false;
	}
	return true;
}

static bool
add_row_after(const struct split *p, const struct load_second *before)
{
	struct load_second left = *p->all;

	left.for_s = fmax(p->all->at_s - since_begin_s(p, p->halt->to_us), 0);
	left.attempted = count_since(before->attempted, left.attempted);
	left.completed = count_since(before->completed, left.completed);
	left.errors = count_since(before->errors, left.errors);
	if (left.for_s <= 0 && left.attempted + left.completed + left.errors == 0)
		return true;
	left.away_s = 0;
	forget_percentiles(&left, p->all);
	return add_row(p->r, &left) != NULL;
}

/* The halt was long, and ended after the row before. */
static bool
row_is_halted(const struct seconds_edge *last, const struct load_second *all,
        const struct load_halt *halt)
{
	return halt->version != 0 && halt->to_us > last->at_us &&
	       halt->to_us >= halt->from_us + HALT_LEAST_US &&
	       all->for_s * SECOND_US >= SECONDS_LONG_US;
}

bool
seconds_add(struct load_result *r, uint64_t begin_us, const struct seconds_edge *last,
        const struct load_second *all, const struct load_halt *halt)
{
	const struct split p = {r, begin_us, last, all, halt};
	struct load_second before = {.at_s = 0};

	if (!row_is_halted(last, all, halt))
		return add_row(r, all) != NULL;
	return add_row_before(&p, &before) && add_rows_away(&p) && add_row_after(&p, &before);
}
