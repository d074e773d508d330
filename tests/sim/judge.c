/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge of the server's segments. */
#include "judge.h"

#include "base/seq.h"
#include "client.h"
#include "wire/options.h"

#define who(c) (unsigned)(c)->conf.port

static void
judge_syn_ack(struct client *c, const struct seg *s)
{
	struct judge *j = &c->judge;

	if (s->ack != c->iss + 1)
		sim_fail("%u: the SYN-ACK acknowledges %u", who(c), s->ack - c->iss);
	if (!(s->opts & SEG_OPT_MSS) || s->mss != RIG_MTU - 40)
		sim_fail("%u: the SYN-ACK's MSS is %u", who(c), s->mss);
	if (((s->opts & SEG_OPT_TS) && !c->conf.ts) ||
	        ((s->opts & SEG_OPT_WSCALE) && !c->conf.wscale) ||
	        ((s->opts & SEG_OPT_SACK_OK) && !c->conf.sack))
		sim_fail("%u: an option that was not offered", who(c));
	if (s->len != 0)
		sim_fail("%u: a SYN-ACK with data", who(c));
	if (j->know_iss && s->seq != j->iss) {
		/* a SYN that was late opened it anew, after the end; or was answered
		 * in another epoch, or with a record, before the beginning */
		if (j->session_begun && !j->session_over && c->state != CLIENT_GONE)
			sim_fail("%u: two ISNs of one connection", who(c));
		j->again = true;
		j->again_iss = s->seq;
		return;
	}
	if ((s->opts & SEG_OPT_TS) && !j->heard) {
		j->know_ts = true;
		j->tsval = s->tsval;
	}
	if (!j->know_iss) {
		j->ack_max = s->ack;
		j->wnd_edge = s->ack + s->wnd;
		j->end = s->seq + 1;
	}
	j->know_iss = true;
	j->iss = s->seq;
}

static void
judge_text(struct client *c, const struct seg *s)
{
	struct judge *j = &c->judge;
	uint32_t offset = s->seq - (j->iss + 1), end = s->seq + seg_len(s);
	uint32_t mss = c->conf.mss == 0 ? 536 : c->conf.mss;
	uint32_t options = (uint32_t)(s->text - s->frame) - s->l4 - 20;

	if (seg_len(s) == 0)
		return;
	if (seq_lt(s->seq, j->iss + 1) || (uint64_t)offset + s->len > c->conf.expect)
		sim_fail("%u: text at %u, %u bytes, of %u", who(c), offset, s->len,
		        c->conf.expect);
	if (memcmp(s->text, sim_stream(c->conf.expect_at) + offset, s->len) != 0)
		sim_fail("%u: wrong bytes at %u", who(c), offset);
	if (s->len + options > mss || s->frame_len > 14 + RIG_MTU)
		sim_fail(
		        "%u: %u bytes and %u of options, MSS %u", who(c), s->len, options, mss);
	/* one octet, or the FIN, may stand behind it as a probe */
	if (seq_gt(end, j->edge) && !(seg_len(s) == 1 && s->seq == j->edge))
		sim_fail("%u: %u behind the window", who(c), end - j->edge);
	if (s->flags & TCP_FIN) {
		if (j->know_fin && j->fin != end - 1)
			sim_fail("%u: the FIN has moved", who(c));
		j->fin = end - 1;
		j->know_fin = true;
	}
	if (j->know_fin && seq_gt(end, j->fin + 1))
		sim_fail("%u: text behind the FIN", who(c));
	j->end = seq_max(j->end, end);
}

static void
judge_ack(struct client *c, const struct seg *s)
{
	struct judge *j = &c->judge;
	uint32_t edge;

	if (seq_gt(s->ack, c->snd_max))
		sim_fail("%u: it acknowledges what was not sent", who(c));
	if (seq_lt(s->ack, j->ack_max))
		sim_fail(
		        "%u: its acknowledgement went back by %u", who(c), j->ack_max - s->ack);
	j->ack_max = s->ack;
	edge = s->ack + ((uint32_t)s->wnd << c->snd_shift);
	/* RFC 9293 3.8.6.2.1; octets that the scale rounds off are not taken back */
	if (seq_lt(edge + (1u << c->snd_shift) - 1, j->wnd_edge))
		sim_fail("%u: its window shrank by %u", who(c), j->wnd_edge - edge);
	j->wnd_edge = seq_max(j->wnd_edge, edge);
}

static void
judge_options(struct client *c, const struct seg *s)
{
	struct judge *j = &c->judge;

	/* In SYN-RECEIVED a reset without timestamps, which may be forged, is challenged
	 * without them. */
	if (c->use_ts && !(s->opts & SEG_OPT_TS) && c->aborted && s->flags == TCP_ACK &&
	        s->len == 0)
		return;
	if (!!(s->opts & SEG_OPT_TS) != c->use_ts)
		sim_fail("%u: timestamps %s", who(c), c->use_ts ? "missing" : "not agreed on");
	if (c->use_ts) {
		if (j->know_ts && seq_lt(s->tsval, j->tsval))
			sim_fail("%u: its timestamps go back", who(c));
		j->know_ts = true;
		j->tsval = s->tsval;
	}
	if (s->nsack != 0 && !c->use_sack)
		sim_fail("%u: SACK was not agreed on", who(c));
	for (unsigned i = 0; i < s->nsack; i++) {
		struct sack_block b = seg_sack_block(s, i);

		if (seq_leq(b.left, s->ack) || seq_geq(b.left, b.right) ||
		        seq_gt(b.right, c->snd_max))
			sim_fail("%u: SACK block %u to %u, ACK %u, sent up to %u", who(c),
			        b.left - c->iss, b.right - c->iss, s->ack - c->iss,
			        c->snd_max - c->iss);
	}
}

void
judge_server_says(struct client *c, const struct seg *s)
{
	struct judge *j = &c->judge;

	if (s->flags & TCP_RST) {
		j->resets++;
		return;
	}
	if (!(s->flags & TCP_ACK))
		sim_fail("%u: a segment without ACK", who(c));
	if (s->flags & TCP_SYN) {
		judge_syn_ack(c, s);
		return;
	}
	if (j->again && s->seq == j->again_iss + 1 && seg_len(s) == 0)
		return;
	if (!j->know_iss)
		sim_fail("%u: it speaks before the handshake", who(c));
	if (!j->heard) { /* SYN-RECEIVED answers segments out of order */
		if (seg_len(s) != 0 || s->seq != j->iss + 1 || s->ack != c->iss + 1)
			sim_fail("%u: it speaks too early", who(c));
		return;
	}
	if (seq_gt(s->seq, j->end) && !j->misses)
		sim_fail("%u: SEG.SEQ %u behind all that it sent", who(c), s->seq - j->end);
	judge_text(c, s);
	judge_ack(c, s);
	judge_options(c, s);
}

void
judge_server_hears(struct client *c, const struct seg *s)
{
	struct judge *j = &c->judge;
	uint32_t edge;

	if (!(s->flags & TCP_ACK) || (s->flags & TCP_RST))
		return;
	if (!j->heard && s->ack - 1 != j->iss) {
		j->iss = s->ack - 1; /* this one of its SYN-ACKs came first */
		j->end = s->ack;
		j->know_ts = false;
	}
	edge = s->ack + ((uint32_t)s->wnd << c->rcv_shift);
	j->edge = j->heard ? seq_max(j->edge, edge) : edge;
	j->heard = true;
}
