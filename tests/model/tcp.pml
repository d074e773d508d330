/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp: one connection's record at each end, and SEGMENT ARRIVES (RFC 9293 3.10.7), as
 * lib/tcp has it. Text is one octet that travels with the FIN.
 *
 * me, s (the segment) and out (at most one answer, 0: none) are the caller's. */

#define CLOSED       0 /* of an end that listens: LISTEN */
#define SYN_SENT     1
#define SYN_RECEIVED 2
#define ESTABLISHED  3
#define FIN_WAIT_1   4
#define FIN_WAIT_2   5
#define CLOSE_WAIT   6
#define CLOSING      7
#define LAST_ACK     8
#define TIME_WAIT    9

#define WND   4 /* the window of each end */
#define OLD   16 /* the oldest ACK that is not challenged: the largest window ever offered */
#define TAIL  2 /* sequence space of the text and the FIN */
#define STEP  8 /* between initial sequence numbers: more than a window */
#define LIMIT 2 /* challenge ACKs of one connection before a timer has fired */

typedef tcb {
	byte state, iss, irs, snd_una, snd_nxt, rcv_nxt, ts_recent, tries, challenges;
	bool opened, recreated
}
tcb c[2];

bool listens[2]; /* there is a listener */
byte ts_now[2];  /* an end's timestamp clock: advances with each connection that it opens */
byte clock_iss = 40; /* the number of the next stateful passive open (RFC 6528) */

/* ---- the transitions of RFC 9293 figure 5, and of 3.10 for resets */

#define TO(a, b) (was == (a) && will == (b))
#define LEGAL \
	(TO(CLOSED, SYN_SENT) || TO(CLOSED, SYN_RECEIVED) || \
	 TO(SYN_SENT, SYN_RECEIVED) || TO(SYN_SENT, ESTABLISHED) || \
	 TO(SYN_RECEIVED, ESTABLISHED) || \
	 TO(ESTABLISHED, FIN_WAIT_1) || TO(ESTABLISHED, CLOSE_WAIT) || \
	 TO(FIN_WAIT_1, FIN_WAIT_2) || TO(FIN_WAIT_1, CLOSING) || \
	 TO(FIN_WAIT_2, TIME_WAIT) || TO(CLOSING, TIME_WAIT) || \
	 TO(CLOSE_WAIT, LAST_ACK) || TO(TIME_WAIT, SYN_RECEIVED) || \
	 (was != CLOSED && will == CLOSED))

#define FIN_SENT  (c[me].snd_nxt == c[me].iss + 1 + TAIL)
#define FIN_ACKED (FIN_SENT && c[me].snd_una == c[me].snd_nxt)
#define FIN_TAKEN (c[me].rcv_nxt >= c[me].irs + 1 + TAIL)

/* The FINs of both sides, as a state implies them (RFC 9293 3.3.2). */
#define TRUE_STATE \
	(will < ESTABLISHED || \
	 (will == ESTABLISHED && !FIN_SENT && !FIN_TAKEN) || \
	 (will == FIN_WAIT_1 && FIN_SENT && !FIN_ACKED && !FIN_TAKEN) || \
	 (will == FIN_WAIT_2 && FIN_ACKED && !FIN_TAKEN) || \
	 (will == CLOSE_WAIT && !FIN_SENT && FIN_TAKEN) || \
	 (will == CLOSING && FIN_SENT && !FIN_ACKED && FIN_TAKEN) || \
	 (will == LAST_ACK && FIN_SENT && FIN_TAKEN) || \
	 (will == TIME_WAIT && FIN_ACKED && FIN_TAKEN))

inline become(new)
{
	d_step {
		was = c[me].state;
		will = new;
		printf("%d: %d -> %d\n", me, was, will);
		assert(LEGAL);
		assert(TRUE_STATE);
		c[me].state = will;
		if
		:: will == CLOSED ->
			c[me].iss = 0; c[me].irs = 0; c[me].snd_una = 0; c[me].snd_nxt = 0;
			c[me].rcv_nxt = 0; c[me].ts_recent = 0; c[me].opened = false; c[me].recreated = false
		:: else
		fi;
		c[me].tries = 0;
		c[me].challenges = 0;
		was = 0;
		will = 0
	}
}

/* A segment of an old incarnation never counts for this one. */
#define BELONGS (FROM(s) == c[me].irs)

/* ---- segments that are sent */

#define MINE(flags, seq, ack) SEGMENT(flags, seq, ack, c[me].iss, ts_now[me])

#define answer_ack     out = MINE(ACK, c[me].snd_nxt, c[me].rcv_nxt)
#define answer_syn_ack out = MINE(SYN + ACK, c[me].iss, c[me].rcv_nxt)

/* output.c, tcp_send_challenge() */
inline challenge()
{
	if
	:: c[me].challenges < LIMIT ->
		c[me].challenges++;
		answer_ack
	:: else
	fi
}

#define SEG_LEN (((FLAGS(s) & SYN) != 0) + TAIL * ((FLAGS(s) & FIN) != 0))

/* bare.c, tcp_reset_stranger() */
inline reset_stranger()
{
	if
	:: FLAGS(s) & RST
	:: !(FLAGS(s) & RST) && FLAGS(s) & ACK ->
		out = SEGMENT(RST, ACKED(s), 0, ACKED(s), ts_now[me])
	:: else ->
		out = SEGMENT(RST + ACK, 0, SEQ(s) + SEG_LEN, 0, ts_now[me])
	fi
}

/* ---- LISTEN: stateful and stateless (3.10.7.2; RFC 4987 3.6) */

bool stateless;
byte epoch;
int sent; /* ghost: cookies that were sent, a bit for each */

/* The index among the initial sequence numbers that the opener may have. */
#define ISS_1     16
#define ISS_NEWER 32
#define ISS_OVER  (ISS_1 + 1)
#define ISS_OLDER 8
#define NTH(seq)  ((seq) == ISS_1 -> 0 : ((seq) == ISS_NEWER -> 1 : ((seq) == ISS_OVER -> 2 : 3)))
#define KNOWN(seq) ((seq) == ISS_1 || (seq) == ISS_NEWER || (seq) == ISS_OVER || (seq) == ISS_OLDER)
#ifndef EPOCHS
#define EPOCHS 3
#endif

#define COOKIES          72
#define COOKIE(seq, when) (COOKIES + STEP * (NTH(seq) * EPOCHS + (when)))
#define COOKIE_BIT(n)    (1 << (((n) - COOKIES) / STEP))

/* The whole number is compared, so the epoch is that of the cookie's key (cookie.c). */
#ifdef BUG_OLD_EPOCH
#define COOKIE_EPOCH_OK(n) ((n) >= COOKIE(SEQ(s) - 1, 0) && (n) <= COOKIE(SEQ(s) - 1, epoch) && \
	((n) - COOKIES) % STEP == 0)
#else
#define COOKIE_EPOCH_OK(n) ((n) == COOKIE(SEQ(s) - 1, epoch) || \
	(epoch > 0 && (n) == COOKIE(SEQ(s) - 1, epoch - 1)))
#endif
#ifdef BUG_NO_MAC
#define COOKIE_OK true
#else
#define COOKIE_OK (KNOWN(SEQ(s) - 1) && COOKIE_EPOCH_OK(ACKED(s) - 1))
#endif

/* A connection from a cookie: it passes SYN-RECEIVED within the one step. */
inline recreate()
{
	n = ACKED(s) - 1;
	assert(n >= COOKIES && (sent & COOKIE_BIT(n)) != 0);
	assert(epoch - ((n - COOKIES) / STEP) % EPOCHS <= 1);
	c[me].iss = n;
	c[me].irs = SEQ(s) - 1;
	c[me].snd_una = n + 1;
	c[me].snd_nxt = n + 1;
	c[me].rcv_nxt = SEQ(s);
	c[me].ts_recent = TSVAL(s);
	c[me].recreated = true;
	n = 0;
	become(SYN_RECEIVED);
	become(ESTABLISHED);
	assert(BELONGS);
	take_text()
}

inline half_open(floor)
{
	c[me].iss = (clock_iss < floor -> floor : clock_iss);
	clock_iss = clock_iss + STEP;
	c[me].irs = SEQ(s);
	c[me].snd_una = c[me].iss;
	c[me].snd_nxt = c[me].iss + 1;
	c[me].rcv_nxt = SEQ(s) + 1;
	c[me].ts_recent = TSVAL(s);
	become(SYN_RECEIVED);
	answer_syn_ack
}

/* listen.c, bare.c */
inline stranger()
{
	if
	:: !listens[me] ->
		reset_stranger()
	:: else ->
		if
		:: FLAGS(s) & RST
		:: !(FLAGS(s) & RST) && FLAGS(s) & ACK && !(FLAGS(s) & SYN) && COOKIE_OK ->
			recreate()
		:: !(FLAGS(s) & RST) && FLAGS(s) & ACK && (FLAGS(s) & SYN || !(COOKIE_OK)) ->
			reset_stranger()
		:: FLAGS(s) == SYN && stateless ->
			n = COOKIE(SEQ(s), epoch);
			sent = sent | COOKIE_BIT(n);
			out = SEGMENT(SYN + ACK, n, SEQ(s) + 1, n, ts_now[me]);
			n = 0
		:: FLAGS(s) == SYN && !stateless ->
			half_open(0)
		:: else
		fi
	fi
}

/* ---- SYN-SENT (syn_sent.c) */

inline syn_sent()
{
	if
	:: FLAGS(s) & ACK && ACKED(s) != c[me].snd_nxt ->
		reset_stranger()
	:: !(FLAGS(s) & ACK && ACKED(s) != c[me].snd_nxt) && FLAGS(s) & RST ->
		if
		:: FLAGS(s) & ACK -> become(CLOSED)
		:: else
		fi
	:: !(FLAGS(s) & ACK && ACKED(s) != c[me].snd_nxt) && !(FLAGS(s) & RST) && FLAGS(s) & SYN ->
		c[me].irs = SEQ(s);
		c[me].rcv_nxt = SEQ(s) + 1;
		c[me].ts_recent = TSVAL(s);
		if
		:: FLAGS(s) & ACK ->
			c[me].snd_una = ACKED(s);
			become(ESTABLISHED);
			answer_ack
		:: else ->
			become(SYN_RECEIVED);
			answer_syn_ack
		fi
	:: else
	fi
}

/* ---- TIME-WAIT (time_wait.c, time_wait_input(); RFC 1337, RFC 6191). The way back for a peer that
 * resets our answer to its SYN is left out: two old SYNs in flight can use it
 * (docs/decisions/0016). */

#ifdef BUG_TW_ANY_SYN
#define NEWER true
#elif defined(TS)
#define NEWER (TSVAL(s) > c[me].ts_recent || \
	(TSVAL(s) == c[me].ts_recent && SEQ(s) > c[me].rcv_nxt))
#else
#define NEWER (SEQ(s) > c[me].rcv_nxt)
#endif

inline time_wait()
{
	if
	:: FLAGS(s) & RST ->
#ifdef BUG_TW_RST
		become(CLOSED)
#else
		skip
#endif
	:: FLAGS(s) == SYN && NEWER && listens[me] ->
		n = c[me].snd_nxt + STEP - TAIL;
		half_open(n);
		n = 0
	:: !(FLAGS(s) & RST) && !(FLAGS(s) == SYN && NEWER && listens[me]) ->
		if
#ifndef BUG_TW_TALKS
		:: SEG_LEN == 0 && SEQ(s) == c[me].rcv_nxt
#endif
		:: else -> answer_ack
		fi
	fi
}

/* ---- SYN-RECEIVED and synchronized states (seqcheck.c, input.c, ack.c, text.c) */

#ifdef BUG_NO_SEQ
#define IN_WINDOW true
#define AT_RCV_NXT true
#else
#define IN_WINDOW ((SEQ(s) >= c[me].rcv_nxt && SEQ(s) - c[me].rcv_nxt < WND) || \
	(SEQ(s) < c[me].rcv_nxt && c[me].rcv_nxt - SEQ(s) < SEG_LEN && !(FLAGS(s) & (SYN | RST))))
#define AT_RCV_NXT (SEQ(s) <= c[me].rcv_nxt)
#endif

#if defined(TS) && !defined(BUG_NO_PAWS)
#define PAWS_REJECTS (TSVAL(s) < c[me].ts_recent && !(FLAGS(s) & RST))
#else
#define PAWS_REJECTS false
#endif

/* seqcheck.c, segment_unacceptable() */
inline unacceptable()
{
	if
	:: FLAGS(s) & RST
	:: FLAGS(s) == SYN && c[me].state == SYN_RECEIVED && SEQ(s) + 1 == c[me].rcv_nxt ->
		answer_syn_ack
	:: FLAGS(s) & FIN ->
		answer_ack
	:: else ->
		challenge()
	fi
}

/* input.c, check_rst() */
inline check_rst()
{
	if
	:: SEQ(s) == c[me].rcv_nxt -> become(CLOSED)
	:: else -> challenge()
	fi
}

/* input.c, check_syn() */
inline check_syn()
{
	if
	:: c[me].state == SYN_RECEIVED && !c[me].opened -> become(CLOSED)
	:: else -> challenge()
	fi
}

inline end_or_wait()
{
#ifdef BUG_NO_TIME_WAIT
	become(CLOSED)
#else
	become(TIME_WAIT)
#endif
}

/* ack.c, fin_acked() */
inline fin_acked()
{
	if
	:: c[me].state == FIN_WAIT_1 -> become(FIN_WAIT_2)
	:: c[me].state == CLOSING -> end_or_wait()
	:: c[me].state == LAST_ACK -> become(CLOSED)
	:: else
	fi
}

/* text.c, take_text() and take_fin() */
inline take_text()
{
	if
	:: !(FLAGS(s) & FIN)
	:: FLAGS(s) & FIN && (c[me].state < ESTABLISHED || c[me].state > FIN_WAIT_2) ->
		if
		:: c[me].state != CLOSED -> answer_ack
		:: else
		fi
	:: FLAGS(s) & FIN && c[me].state >= ESTABLISHED && c[me].state <= FIN_WAIT_2 ->
		assert(BELONGS);
		if
		:: AT_RCV_NXT ->
			c[me].rcv_nxt = SEQ(s) + TAIL;
			if
			:: c[me].state == ESTABLISHED -> become(CLOSE_WAIT)
#ifdef BUG_CLOSING
			:: c[me].state == FIN_WAIT_1 -> become(TIME_WAIT)
#else
			:: c[me].state == FIN_WAIT_1 -> become(CLOSING)
#endif
			:: c[me].state == FIN_WAIT_2 -> end_or_wait()
			fi
		:: else
		fi;
		if
		:: c[me].state != CLOSED -> answer_ack
		:: else
		fi
	fi
}

#ifdef BUG_ANY_ACK
#define SYN_ACKED (ACKED(s) > 0)
#else
#define SYN_ACKED (ACKED(s) == c[me].snd_nxt)
#endif

/* seqcheck.c, admit(): all checks are done */
inline admit()
{
	if
	:: SEQ(s) <= c[me].rcv_nxt && TSVAL(s) > c[me].ts_recent ->
		c[me].ts_recent = TSVAL(s)
	:: else
	fi
}

/* ack.c, check_ack() and take_ack(); text.c */
inline check_ack()
{
	if
	:: c[me].state == SYN_RECEIVED && !SYN_ACKED ->
		reset_stranger()
	:: c[me].state == SYN_RECEIVED && SYN_ACKED ->
		assert(BELONGS);
		admit();
		c[me].snd_una = ACKED(s);
		become(ESTABLISHED);
		take_text()
	:: c[me].state != SYN_RECEIVED && ACKED(s) > c[me].snd_nxt ->
		challenge()
	:: c[me].state != SYN_RECEIVED && ACKED(s) <= c[me].snd_nxt &&
	   c[me].snd_una > ACKED(s) + OLD ->
		challenge()
	:: c[me].state != SYN_RECEIVED && ACKED(s) <= c[me].snd_nxt &&
	   c[me].snd_una <= ACKED(s) + OLD ->
		admit();
		if
		:: ACKED(s) > c[me].snd_una ->
			assert(BELONGS);
			c[me].snd_una = ACKED(s);
			c[me].tries = 0;
			if
			:: FIN_ACKED -> fin_acked()
			:: else
			fi
		:: else
		fi;
		take_text()
	fi
}

/* input.c, is_crossed_syn_ack() */
#define CROSSED (c[me].state == SYN_RECEIVED && FLAGS(s) == SYN + ACK && \
	SEQ(s) + 1 == c[me].rcv_nxt && ACKED(s) == c[me].snd_nxt && c[me].opened)

/* input.c, tcp_input() */
inline synchronized()
{
	if
	:: CROSSED ->
		assert(BELONGS);
		c[me].snd_una = ACKED(s);
		become(ESTABLISHED)
	:: !CROSSED && PAWS_REJECTS ->
		challenge()
	:: !CROSSED && !PAWS_REJECTS && !(IN_WINDOW) ->
		unacceptable()
	:: !CROSSED && !PAWS_REJECTS && IN_WINDOW ->
		if
		:: FLAGS(s) & RST -> check_rst()
		:: !(FLAGS(s) & RST) && FLAGS(s) & SYN -> check_syn()
		:: !(FLAGS(s) & RST) && !(FLAGS(s) & SYN) && FLAGS(s) & ACK -> check_ack()
		:: else
		fi
	fi
}

/* The choice by the flow's record (segment.c, tcp_segment()). */
inline arrive()
{
	if
	:: c[me].state == CLOSED -> stranger()
	:: c[me].state == SYN_SENT -> syn_sent()
	:: c[me].state == TIME_WAIT -> time_wait()
	:: else -> synchronized()
	fi
}
