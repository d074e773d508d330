/* SPDX-License-Identifier: BSD-3-Clause */
/* options: TCP options, read and written (RFC 9293 3.2, 7323, 2018).
 *
 * Threads     the functions have no state.
 * Memory      nothing is allocated. s->sack points into the list that was parsed.
 * Errors      none: parsing ends at a malformed option. The options before it hold.
 * Bounds      nothing is read outside [p, p + len), or written beyond TCP_OPTS_MAX.
 * Robustness  a known kind with a length that it cannot have is malformed. Of a repeated
 *             option the last one holds. MSS, window scale and SACK-permitted outside a
 *             SYN are ignored (RFC 9293 3.2, 7323 2.2, 2018 2).
 */
#ifndef WIRE_OPTIONS_H
#define WIRE_OPTIONS_H

#include "wire/seg.h"

#define TCP_OPT_EOL     0
#define TCP_OPT_NOP     1
#define TCP_OPT_MSS     2
#define TCP_OPT_WSCALE  3
#define TCP_OPT_SACK_OK 4
#define TCP_OPT_SACK    5
#define TCP_OPT_TS      8
#define TCP_OPTS_MAX    40
#define TCP_TS_BYTES    12 /* timestamps with their padding (RFC 7323 appendix A) */
#define TCP_WSCALE_MAX  14 /* RFC 7323 2.3 */
#define TCP_SACK_MAX    4
#define TCP_SACK_MAX_TS 3 /* beside timestamps */

struct sack_block {
	uint32_t left;  /* the first sequence number of the block */
	uint32_t right; /* the sequence number behind its last */
};

/* The options to be written. */
struct tcp_opts {
	uint8_t present; /* SEG_OPT_*: an option is written if its bit is set */
	uint8_t wscale;
	uint8_t nsack;
	uint16_t mss;
	uint32_t tsval;
	uint32_t tsecr;
	struct sack_block sack[TCP_SACK_MAX];
};

static inline void
options_none(struct seg *s)
{
	s->tsval = 0;
	s->tsecr = 0;
	s->mss = 0;
	s->wscale = 0;
	s->opts = 0;
	s->nsack = 0;
	s->sack = NULL;
}

/* Read the options at p into s: opts, mss, wscale, tsval, tsecr, sack, nsack.
 * s->flags must be set. */
void options_parse(const uint8_t *p, unsigned len, struct seg *s);

/* Write o at p, padded to a multiple of 4. Returns the number of bytes written, at most
 * TCP_OPTS_MAX. SACK blocks that do not fit are left out. */
unsigned options_write(uint8_t *p, const struct tcp_opts *o);

/* The number of bytes that options_write() will write. */
unsigned options_size(const struct tcp_opts *o);

static inline struct sack_block
seg_sack_block(const struct seg *s, unsigned i)
{
	return (struct sack_block) {
	        .left = be32_load(s->sack + 8 * i),
	        .right = be32_load(s->sack + 8 * i + 4),
	};
}

#endif
