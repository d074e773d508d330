/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP options. Any list of any length up to 40 is parsed inside its bounds, and written options
 * are read back. The first byte: does the list belong to a SYN? */
#include <string.h>

#include "must.h"
#include "target.h"
#include "wire/options.h"
#include "wire/rubbish.h"

/* Blocks that have room are written, the others left out. */
static void
check_same(const struct tcp_opts *o, const struct seg *s)
{
	unsigned left_out = o->nsack - s->nsack;

	if (o->present & SEG_OPT_MSS)
		must(s->mss == o->mss);
	if (o->present & SEG_OPT_WSCALE)
		must(s->wscale == o->wscale);
	if (o->present & SEG_OPT_TS)
		must(s->tsval == o->tsval && s->tsecr == o->tsecr);
	must((s->opts | SEG_OPT_SACK) == (o->present | SEG_OPT_SACK));
	must(!!(s->opts & SEG_OPT_SACK) == (s->nsack != 0));
	if (!(o->present & SEG_OPT_SACK))
		return;
	must(s->nsack <= o->nsack);
	must(left_out == 0 || options_size(o) + 8 > TCP_OPTS_MAX);
	for (unsigned i = 0; i < s->nsack; i++) {
		must(seg_sack_block(s, i).left == o->sack[i].left);
		must(seg_sack_block(s, i).right == o->sack[i].right);
	}
}

static void
write_and_read(const struct tcp_opts *o)
{
	struct seg s = {.flags = TCP_SYN};
	unsigned size = options_size(o), len;
	uint8_t *p = malloc(size ? size : 1);

	must(p != NULL);
	must(size <= TCP_OPTS_MAX && size % 4 == 0);
	len = options_write(p, o);
	must(len == size);
	options_parse(p, len, &s);
	check_same(o, &s);
	free(p);
}

static struct tcp_opts
opts_of(const struct seg *s)
{
	struct tcp_opts o = {
	        .present = s->opts,
	        .mss = s->mss,
	        .wscale = s->wscale,
	        .nsack = s->nsack,
	        .tsval = s->tsval,
	        .tsecr = s->tsecr,
	};

	for (unsigned i = 0; i < s->nsack; i++)
		o.sack[i] = seg_sack_block(s, i);
	return o;
}

/* The first len bytes of a list, alone in their allocation. */
static void
parse(const uint8_t *list, unsigned len, uint8_t flags)
{
	uint8_t *p = malloc(len ? len : 1);
	struct tcp_opts o;
	struct seg s;

	must(p != NULL);
	memcpy(p, list, len);
	s = seg_rubbish();
	s.flags = flags;
	options_parse(p, len, &s);
	must((s.opts & ~(SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS |
	                       SEG_OPT_SACK)) == 0);
	must((s.flags & TCP_SYN) ||
	        !(s.opts & (SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK)));
	must(s.nsack <= TCP_SACK_MAX && (s.nsack != 0) == !!(s.opts & SEG_OPT_SACK));
	if (s.nsack != 0)
		must(s.sack >= p + 2 && s.sack + 8u * s.nsack <= p + len);
	o = opts_of(&s);
	write_and_read(&o);
	free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tcp_opts any = {0};
	unsigned most;

	if (size == 0)
		return 0;
	most = size - 1 < TCP_OPTS_MAX ? (unsigned)size - 1 : TCP_OPTS_MAX;
	for (unsigned len = 0; len <= most; len++)
		parse(data + 1, len, data[0] & 1 ? TCP_SYN : TCP_ACK);

	/* and the same bytes as options to be written */
	memcpy(&any, data, size < sizeof(any) ? size : sizeof(any));
	any.present &= SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS |
	               SEG_OPT_SACK;
	any.nsack %= TCP_SACK_MAX + 1;
	any.mss += any.mss == 0; /* which would be read as none */
	write_and_read(&any);
	return 0;
}
