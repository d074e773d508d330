/* SPDX-License-Identifier: BSD-3-Clause */
/* Each state against each kind of segment (RFC 9293 3.10.7.4; RFC 5961 3, 4, 5; RFC 1337 for
 * TIME-WAIT). These tests check the state, the answer and the reason. Other suites check
 * acceptable text and FINs more closely. */
#include "peer.h"

enum answer {
	NOTHING,
	ACK,       /* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
	RST_STRAY, /* <SEQ=SEG.ACK><CTL=RST> */
	SYN_ACK,
};

struct row {
	const char *name;
	struct say say;
	enum tcp_state then;
	enum answer answer;
	enum drop why;
};

#define WND 65535
#define SAY(...)            \
	{                   \
		__VA_ARGS__ \
	}

/* The connection's relative numbers before the segment came. */
struct place {
	uint32_t rcv_nxt;
	uint32_t snd_nxt;
};

static void
expect_answer(struct peer *p, const struct row *r, const struct place *was, const char *state)
{
	const struct sent *s = sent_next(p);
	uint8_t flags = s != NULL ? s->flags : 0;
	uint32_t rcv_nxt = was->rcv_nxt, snd_nxt = was->snd_nxt;

	/* accepted text moved RCV.NXT */
	if (r->why == DROP_NONE && r->say.seq == 0)
		rcv_nxt += r->say.len + !!(r->say.flags & TCP_FIN);
	switch (r->answer) {
	case NOTHING:
		cr_expect_null(s, "%s, %s: answered with %#x", state, r->name, flags);
		break;
	case ACK:
		cr_expect(s != NULL && flags == TCP_ACK && s->len == 0 && s->ack == rcv_nxt &&
		                  s->seq == snd_nxt,
		        "%s, %s: not <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>", state, r->name);
		break;
	case RST_STRAY:
		cr_expect_eq(flags, TCP_RST, "%s, %s: no RST but %#x", state, r->name, flags);
		break;
	case SYN_ACK:
		cr_expect_eq(flags, TCP_SYN | TCP_ACK, "%s, %s: no SYN-ACK", state, r->name);
		break;
	}
	cr_expect_null(sent_next(p), "%s, %s: answered twice", state, r->name);
}

/* Our FIN is out in some states, and heard in fewer (peer.h). */
static uint32_t
peer_snd_nxt(const struct peer *p, enum tcp_state state)
{
	return p->ack +
	       (state == TCP_FIN_WAIT_1 || state == TCP_CLOSING || state == TCP_LAST_ACK);
}

/* Each row from a fresh connection. */
static void
run(enum tcp_state state, const struct row *rows, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		struct peer *p = peer_in(state);
		struct place was = {p->seq, peer_snd_nxt(p, state)};
		enum drop why = peer_say(p, r->say);

		cr_expect_eq(why, r->why, "%s, %s: %s, expected %s", tcp_state_names[state],
		        r->name, drop_name(why), drop_name(r->why));
		cr_expect_eq(peer_state(p), r->then, "%s, %s: to %s, expected %s",
		        tcp_state_names[state], r->name, tcp_state_names[peer_state(p)],
		        tcp_state_names[r->then]);
		expect_answer(p, r, &was, tcp_state_names[state]);
		peer_end(p);
	}
}

#define RUN(state, rows) run(state, rows, sizeof(rows) / sizeof((rows)[0]))

/* Segments that no synchronized state accepts, and that harm none. */
#define COMMON(S)                                                                              \
	{"RST exact", SAY(.flags = TCP_RST), TCP_CLOSED, NOTHING, DROP_NONE},                  \
	        {"RST exact with ACK", SAY(.flags = TCP_RST | TCP_ACK), TCP_CLOSED, NOTHING,   \
	                DROP_NONE},                                                            \
	        {"RST in window", SAY(.flags = TCP_RST, .seq = 1), S, ACK,                     \
	                DROP_TCP_RST_CHALLENGED},                                              \
	        {"RST at the window's end", SAY(.flags = TCP_RST, .seq = WND - 2), S, ACK,     \
	                DROP_TCP_RST_CHALLENGED},                                              \
	        {"RST old", SAY(.flags = TCP_RST, .seq = -1), S, NOTHING,                      \
	                DROP_TCP_RST_WINDOW},                                                  \
	        {"RST at the right edge", SAY(.flags = TCP_RST, .seq = WND), S, ACK,           \
	                DROP_TCP_RST_CHALLENGED},                                              \
	        {"RST beyond", SAY(.flags = TCP_RST, .seq = WND + 1), S, NOTHING,              \
	                DROP_TCP_RST_WINDOW},                                                  \
	        {"SYN in window", SAY(.flags = TCP_SYN, .seq = 1), S, ACK,                     \
	                DROP_TCP_SYN_CHALLENGED},                                              \
	        {"SYN inside", SAY(.flags = TCP_SYN, .seq = 1000), S, ACK,                     \
	                DROP_TCP_SYN_CHALLENGED},                                              \
	        {"SYN old", SAY(.flags = TCP_SYN, .seq = -500), S, ACK,                        \
	                DROP_TCP_SYN_CHALLENGED},                                              \
	        {"SYN beyond", SAY(.flags = TCP_SYN, .seq = 2 * WND), S, ACK,                  \
	                DROP_TCP_SYN_CHALLENGED},                                              \
	        {"SYN+ACK", SAY(.flags = TCP_SYN | TCP_ACK, .seq = 1), S, ACK,                 \
	                DROP_TCP_SYN_CHALLENGED},                                              \
	        {"no ACK", SAY(.flags = 0), S, NOTHING, DROP_TCP_NO_ACK},                      \
	        {"no ACK, PSH and text", SAY(.flags = TCP_PSH, .len = 10), S, NOTHING,         \
	                DROP_TCP_NO_ACK},                                                      \
	        {"no ACK, FIN", SAY(.flags = TCP_FIN), S, NOTHING, DROP_TCP_NO_ACK},           \
	        {"ACK of what was not sent", SAY(.flags = TCP_ACK, .ack = 9), S, ACK,          \
	                DROP_TCP_ACK_UNSENT},                                                  \
	        {"ACK far too old", SAY(.flags = TCP_ACK, .ack = -70000), S, ACK,              \
	                DROP_TCP_ACK_OLD},                                                     \
	        {"ACK old", SAY(.flags = TCP_ACK, .ack = -10), S, NOTHING, DROP_NONE},         \
	        {"segment before the window", SAY(.flags = TCP_ACK, .seq = -1), S, ACK,        \
	                DROP_TCP_OLD},                                                         \
	        {"text before the window", SAY(.flags = TCP_ACK, .seq = -20, .len = 20), S,    \
	                ACK, DROP_TCP_OLD},                                                    \
	        {"FIN before the window", SAY(.flags = TCP_FIN | TCP_ACK, .seq = -1), S, ACK,  \
	                DROP_TCP_OLD},                                                         \
	        {"ACK at the window's right edge", SAY(.flags = TCP_ACK, .seq = WND), S,       \
	                NOTHING, DROP_NONE},                                                   \
	        {"segment beyond the window", SAY(.flags = TCP_ACK, .seq = WND + 1), S, ACK,   \
	                DROP_TCP_WINDOW},                                                      \
	        {"text beyond the window", SAY(.flags = TCP_ACK, .seq = WND, .len = 20), S,    \
	                ACK, DROP_TCP_WINDOW},                                                 \
	        {"FIN beyond the window", SAY(.flags = TCP_FIN | TCP_ACK, .seq = WND), S, ACK, \
	                DROP_TCP_WINDOW},                                                      \
	        {"ACK and nothing", SAY(.flags = TCP_ACK), S, NOTHING, DROP_NONE},             \
	{                                                                                      \
		"urgent", SAY(.flags = TCP_ACK | TCP_URG), S, NOTHING, DROP_NONE               \
	}

Test(tcp_state, syn_received)
{
	static const struct row rows[] = {
	        {"RST exact", SAY(.flags = TCP_RST), TCP_CLOSED, NOTHING, DROP_NONE},
	        {"RST in window", SAY(.flags = TCP_RST, .seq = 9), TCP_SYN_RECEIVED, ACK,
	                DROP_TCP_RST_CHALLENGED},
	        {"RST old", SAY(.flags = TCP_RST, .seq = -1), TCP_SYN_RECEIVED, NOTHING,
	                DROP_TCP_RST_WINDOW},
	        {"RST beyond", SAY(.flags = TCP_RST, .seq = WND), TCP_SYN_RECEIVED, NOTHING,
	                DROP_TCP_RST_WINDOW},
	        {"its SYN again", SAY(.flags = TCP_SYN), TCP_SYN_RECEIVED, SYN_ACK,
	                DROP_TCP_OLD},
	        {"another SYN in window: back to LISTEN", SAY(.flags = TCP_SYN, .seq = 1),
	                TCP_CLOSED, NOTHING, DROP_TCP_SYN_CHALLENGED},
	        {"another SYN, old", SAY(.flags = TCP_SYN, .seq = -9), TCP_SYN_RECEIVED, ACK,
	                DROP_TCP_SYN_CHALLENGED},
	        {"SYN+ACK", SAY(.flags = TCP_SYN | TCP_ACK), TCP_SYN_RECEIVED, ACK,
	                DROP_TCP_SYN_CHALLENGED},
	        {"no ACK", SAY(.flags = TCP_PSH, .len = 5), TCP_SYN_RECEIVED, NOTHING,
	                DROP_TCP_NO_ACK},
	        {"ACK", SAY(.flags = TCP_ACK), TCP_ESTABLISHED, NOTHING, DROP_NONE},
	        {"ACK too low", SAY(.flags = TCP_ACK, .ack = -1), TCP_SYN_RECEIVED, RST_STRAY,
	                DROP_TCP_ACK_HANDSHAKE},
	        {"ACK too high", SAY(.flags = TCP_ACK, .ack = 1), TCP_SYN_RECEIVED, RST_STRAY,
	                DROP_TCP_ACK_HANDSHAKE},
	        {"ACK at the window's right edge", SAY(.flags = TCP_ACK, .seq = WND),
	                TCP_ESTABLISHED, NOTHING, DROP_NONE},
	        {"ACK beyond the window", SAY(.flags = TCP_ACK, .seq = WND + 1),
	                TCP_SYN_RECEIVED, ACK, DROP_SYN_WINDOW},
	        {"text", SAY(.flags = TCP_ACK, .len = 10), TCP_ESTABLISHED, ACK, DROP_NONE},
	        {"FIN", SAY(.flags = TCP_ACK | TCP_FIN), TCP_CLOSE_WAIT, ACK, DROP_NONE},
	        {"FIN without ACK", SAY(.flags = TCP_FIN), TCP_SYN_RECEIVED, NOTHING,
	                DROP_TCP_NO_ACK},
	};

	RUN(TCP_SYN_RECEIVED, rows);
}

Test(tcp_state, established)
{
	static const struct row rows[] = {
	        COMMON(TCP_ESTABLISHED),
	        {"text", SAY(.flags = TCP_ACK, .len = 10), TCP_ESTABLISHED, ACK, DROP_NONE},
	        {"text behind a hole", SAY(.flags = TCP_ACK, .seq = 5, .len = 10),
	                TCP_ESTABLISHED, ACK, DROP_NONE},
	        {"FIN", SAY(.flags = TCP_ACK | TCP_FIN), TCP_CLOSE_WAIT, ACK, DROP_NONE},
	        {"FIN behind a hole", SAY(.flags = TCP_ACK | TCP_FIN, .seq = 5),
	                TCP_ESTABLISHED, ACK, DROP_NONE},
	        {"text and FIN", SAY(.flags = TCP_ACK | TCP_FIN, .len = 9), TCP_CLOSE_WAIT, ACK,
	                DROP_NONE},
	};

	RUN(TCP_ESTABLISHED, rows);
}

Test(tcp_state, fin_wait_1)
{
	static const struct row rows[] = {
	        COMMON(TCP_FIN_WAIT_1),
	        {"text", SAY(.flags = TCP_ACK, .len = 10), TCP_FIN_WAIT_1, ACK, DROP_NONE},
	        {"FIN", SAY(.flags = TCP_ACK | TCP_FIN), TCP_CLOSING, ACK, DROP_NONE},
	        {"ACK of FIN", SAY(.flags = TCP_ACK, .ack = 1), TCP_FIN_WAIT_2, NOTHING,
	                DROP_NONE},
	        {"ACK of FIN, and FIN", SAY(.flags = TCP_ACK | TCP_FIN, .ack = 1),
	                TCP_TIME_WAIT, ACK, DROP_NONE},
	        {"FIN behind a hole", SAY(.flags = TCP_ACK | TCP_FIN, .seq = 2), TCP_FIN_WAIT_1,
	                ACK, DROP_NONE},
	};

	RUN(TCP_FIN_WAIT_1, rows);
}

Test(tcp_state, fin_wait_2)
{
	static const struct row rows[] = {
	        COMMON(TCP_FIN_WAIT_2),
	        {"text", SAY(.flags = TCP_ACK, .len = 10), TCP_FIN_WAIT_2, ACK, DROP_NONE},
	        {"FIN", SAY(.flags = TCP_ACK | TCP_FIN), TCP_TIME_WAIT, ACK, DROP_NONE},
	        {"text and FIN", SAY(.flags = TCP_ACK | TCP_FIN, .len = 3), TCP_TIME_WAIT, ACK,
	                DROP_NONE},
	};

	RUN(TCP_FIN_WAIT_2, rows);
}

/* No text can follow the peer's FIN: it is ignored. */
#define AFTER_FIN(S)                                                                           \
	{"text behind the FIN", SAY(.flags = TCP_ACK, .len = 10), S, ACK, DROP_TCP_AFTER_FIN}, \
	{                                                                                      \
		"FIN behind the FIN", SAY(.flags = TCP_ACK | TCP_FIN), S, ACK,                 \
		        DROP_TCP_AFTER_FIN                                                     \
	}

Test(tcp_state, close_wait)
{
	static const struct row rows[] = {COMMON(TCP_CLOSE_WAIT), AFTER_FIN(TCP_CLOSE_WAIT)};

	RUN(TCP_CLOSE_WAIT, rows);
}

Test(tcp_state, closing)
{
	static const struct row rows[] = {
	        COMMON(TCP_CLOSING),
	        AFTER_FIN(TCP_CLOSING),
	        {"ACK of FIN", SAY(.flags = TCP_ACK, .ack = 1), TCP_TIME_WAIT, NOTHING,
	                DROP_NONE},
	};

	RUN(TCP_CLOSING, rows);
}

Test(tcp_state, last_ack)
{
	static const struct row rows[] = {
	        COMMON(TCP_LAST_ACK),
	        AFTER_FIN(TCP_LAST_ACK),
	        {"ACK of FIN", SAY(.flags = TCP_ACK, .ack = 1), TCP_CLOSED, NOTHING, DROP_NONE},
	};

	RUN(TCP_LAST_ACK, rows);
}

Test(tcp_state, time_wait)
{
	static const struct row rows[] = {
	        {"RST exact", SAY(.flags = TCP_RST), TCP_TIME_WAIT, NOTHING, DROP_TW_RST},
	        {"RST in window", SAY(.flags = TCP_RST, .seq = 5), TCP_TIME_WAIT, NOTHING,
	                DROP_TW_RST},
	        {"RST old", SAY(.flags = TCP_RST, .seq = -5), TCP_TIME_WAIT, NOTHING,
	                DROP_TW_RST},
	        {"SYN old", SAY(.flags = TCP_SYN, .seq = -5), TCP_TIME_WAIT, ACK, DROP_TW_OLD},
	        {"SYN newer", SAY(.flags = TCP_SYN, .seq = 5), TCP_SYN_RECEIVED, SYN_ACK,
	                DROP_NONE},
	        {"SYN+ACK", SAY(.flags = TCP_SYN | TCP_ACK, .seq = 5), TCP_TIME_WAIT, ACK,
	                DROP_TW_OLD},
	        {"ACK in its place", SAY(.flags = TCP_ACK), TCP_TIME_WAIT, NOTHING,
	                DROP_TW_OLD},
	        {"ACK old", SAY(.flags = TCP_ACK, .seq = -5), TCP_TIME_WAIT, ACK, DROP_TW_OLD},
	        {"text", SAY(.flags = TCP_ACK, .len = 5), TCP_TIME_WAIT, ACK, DROP_TW_OLD},
	        {"text old", SAY(.flags = TCP_ACK, .seq = -9, .len = 5), TCP_TIME_WAIT, ACK,
	                DROP_TW_OLD},
	        {"FIN again", SAY(.flags = TCP_ACK | TCP_FIN, .seq = -1), TCP_TIME_WAIT, ACK,
	                DROP_NONE},
	        {"FIN new", SAY(.flags = TCP_ACK | TCP_FIN), TCP_TIME_WAIT, ACK, DROP_TW_OLD},
	        {"no ACK", SAY(.flags = 0), TCP_TIME_WAIT, NOTHING, DROP_TCP_NO_ACK},
	        {"no ACK, text", SAY(.flags = TCP_PSH, .len = 5), TCP_TIME_WAIT, NOTHING,
	                DROP_TCP_NO_ACK},
	        {"no ACK, FIN again", SAY(.flags = TCP_FIN, .seq = -1), TCP_TIME_WAIT, NOTHING,
	                DROP_TCP_NO_ACK},
	};

	RUN(TCP_TIME_WAIT, rows);
}
