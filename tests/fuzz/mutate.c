/* SPDX-License-Identifier: BSD-3-Clause */
/* The mutator of scripts for libFuzzer. It knows steps, packets and fields, so that a child is
 * a conversation again. */
#include <string.h>

#include "must.h"
#include "mutate_step.h"
#include "target.h"

struct draft {
	uint8_t settings[SCRIPT_SETTINGS];
	unsigned n;
	struct draft_step step[SCRIPT_STEPS_MAX];
};

static struct draft *
read_draft(const uint8_t *data, size_t size)
{
	struct draft *d = calloc(1, sizeof(*d));
	size_t at = SCRIPT_SETTINGS;
	struct step s;

	must(d != NULL);
	memcpy(d->settings, data, size < SCRIPT_SETTINGS ? size : SCRIPT_SETTINGS);
	while (d->n < SCRIPT_STEPS_MAX && script_next(data, size, &at, &s)) {
		struct draft_step *to = &d->step[d->n++];

		to->delay = s.delay;
		to->how = s.how;
		to->len = s.len;
		memcpy(to->frame, s.frame, s.len);
	}
	return d;
}

/* Write the steps that fit; d is then empty. */
static size_t
write_draft(struct draft *d, uint8_t *data, size_t room)
{
	size_t at = SCRIPT_SETTINGS;

	if (room < SCRIPT_SETTINGS) {
		free(d);
		return 0;
	}
	memcpy(data, d->settings, SCRIPT_SETTINGS);
	for (unsigned i = 0; i < d->n; i++) {
		const struct draft_step *s = &d->step[i];

		at = script_put(
		        data, room, at, &(struct step) {s->delay, s->how, s->len, s->frame});
	}
	free(d);
	return at;
}

/* A place for one more step, before step i; NULL: there is none. */
static struct draft_step *
open_at(struct draft *d, unsigned i)
{
	if (d->n == SCRIPT_STEPS_MAX)
		return NULL;
	memmove(&d->step[i + 1], &d->step[i], (d->n - i) * sizeof(d->step[0]));
	d->n++;
	memset(&d->step[i], 0, sizeof(d->step[i]));
	return &d->step[i];
}

static void
remove_at(struct draft *d, unsigned i)
{
	memmove(&d->step[i], &d->step[i + 1], (d->n - i - 1) * sizeof(d->step[0]));
	d->n--;
}

static void
insert(struct draft *d, unsigned at, enum template what, unsigned who, struct rng *r)
{
	struct draft_step *s = open_at(d, at);

	if (s != NULL)
		template_step(s, what, who, r);
}

/* A handshake, and some text; for flows that we open, an answer. */
static void
insert_talk(struct draft *d, struct rng *r)
{
	unsigned who = rng_below(r, SPEAKERS), at = rng_below(r, d->n + 1), before;
	bool called = who >= 8 && who < 14;

	if (called) {
		struct draft_step *s = open_at(d, at);

		if (s == NULL)
			return;
		s->how = (uint8_t)(CMD_CONNECT + CMD_KINDS * (1 + rng_below(r, 3)));
		at++;
	}
	before = d->n;
	insert(d, at, called ? TEMPLATE_SYN_ACK : TEMPLATE_SYN, who, r);
	at += d->n - before;
	for (unsigned i = 0, n = 1 + rng_below(r, 5); i < n && d->n > before; i++) {
		before = d->n;
		insert(d, at, i == 0 ? TEMPLATE_ACK : (enum template)(2 + rng_below(r, 4)), who,
		        r);
		at += d->n - before;
	}
}

/* The same again and again: duplicate ACKs, a FIN that was not heard. */
static void
repeat_one(struct draft *d, struct rng *r)
{
	unsigned at = rng_below(r, d->n);
	struct draft_step copy = d->step[at];

	copy.delay = rng_below(r, 4) == 0 ? (uint8_t)rng_next(r) : 0;
	for (unsigned i = 0, n = 1 + rng_below(r, 6); i < n; i++) {
		struct draft_step *s = open_at(d, at + 1);

		if (s == NULL)
			return;
		*s = copy;
	}
}

/* Text of one flow in pieces that overlap, behind holes, in any order. */
static void
insert_pieces(struct draft *d, struct rng *r)
{
	unsigned who = rng_below(r, SPEAKERS), at = rng_below(r, d->n + 1);
	uint32_t step = 1 + rng_below(r, 600);

	for (unsigned i = 0, n = 2 + rng_below(r, 6); i < n; i++) {
		struct draft_step *s = open_at(d, at);

		if (s == NULL)
			return;
		template_step(s, rng_below(r, 6) ? TEMPLATE_TEXT : TEMPLATE_FIN, who, r);
		s->delay = 0;
		mutate_shift(s, step * rng_below(r, 8));
	}
}

static void
insert_command(struct draft *d, struct rng *r)
{
	struct draft_step *s = open_at(d, rng_below(r, d->n + 1));

	if (s == NULL)
		return;
	s->delay = rng_below(r, 2) ? (uint8_t)rng_next(r) : 0;
	s->how = rng_below(r, 2) ? CMD_NOTHING : (uint8_t)rng_next(r);
}

static void
copy_one(struct draft *d, struct rng *r)
{
	unsigned from = rng_below(r, d->n), to = rng_below(r, d->n + 1);
	struct draft_step copy = d->step[from], *s = open_at(d, to);

	if (s != NULL)
		*s = copy;
}

static void
swap_two(struct draft *d, struct rng *r)
{
	struct draft_step *a = &d->step[rng_below(r, d->n)], *b = &d->step[rng_below(r, d->n)];
	struct draft_step copy = *a;

	*a = *b;
	*b = copy;
}

static void
split_one(struct draft *d, struct rng *r)
{
	unsigned i = rng_below(r, d->n);
	struct draft_step second, *s;

	if (d->n == SCRIPT_STEPS_MAX || !mutate_split(&d->step[i], &second, r))
		return;
	s = open_at(d, i + rng_below(r, 2)); /* the first half first, or not */
	*s = second;
}

static void
change_settings(struct draft *d, struct rng *r)
{
	uint8_t *s = &d->settings[rng_below(r, SCRIPT_SETTINGS)];

	*s = rng_below(r, 2) ? (uint8_t)rng_next(r) : *s ^ (uint8_t)(1u << rng_below(r, 8));
}

static void
change_script(struct draft *d, struct rng *r)
{
	switch (rng_below(r, 14)) {
	case 0:
		change_settings(d, r);
		break;
	case 1:
		remove_at(d, rng_below(r, d->n));
		break;
	case 2:
		copy_one(d, r);
		break;
	case 3:
		swap_two(d, r);
		break;
	case 4:
		split_one(d, r);
		break;
	case 5:
		insert_command(d, r);
		break;
	case 6:
		insert_talk(d, r);
		break;
	case 7:
	case 8:
		insert(d, rng_below(r, d->n + 1), (enum template)rng_below(r, TEMPLATES),
		        rng_below(r, SPEAKERS), r);
		break;
	case 9:
		repeat_one(d, r);
		break;
	case 10:
		insert_pieces(d, r);
		break;
	default:
		mutate_step(&d->step[rng_below(r, d->n)], r);
		break;
	}
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	struct rng r = {.s = seed};
	struct draft *d = read_draft(data, size);

	for (unsigned i = 0, n = 1 + rng_below(&r, 4); i < n; i++) {
		if (d->n == 0)
			insert_talk(d, &r);
		else
			change_script(d, &r);
	}
	return write_draft(d, data, max_size);
}

/* The beginning of one and the end of the other. */
size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
        uint8_t *out, size_t max_size, unsigned seed)
{
	struct rng r = {.s = seed};
	struct draft *d = read_draft(a, a_size), *e = read_draft(b, b_size);
	unsigned from = rng_below(&r, e->n + 1);

	d->n = rng_below(&r, d->n + 1);
	while (from < e->n && d->n < SCRIPT_STEPS_MAX)
		d->step[d->n++] = e->step[from++];
	free(e);
	return write_draft(d, out, max_size);
}
