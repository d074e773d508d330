/* SPDX-License-Identifier: BSD-3-Clause */
/* model: opening, closing, TIME-WAIT and the change between half-open records and cookies,
 * for spin. There are two ends, a wire that loses, copies and reorders, and a listener that
 * changes its mode. The bounds are given with -D; run_model.py has the useful sets.
 *
 * This           is                                          of lib/
 * arrive()       the choice between the four                 tcp/segment.c
 * stranger()     LISTEN: a record, or a cookie; CLOSED       tcp/listen.c, bare.c
 * recreate()     the ACK that begins a connection            tcp/accept.c, syn/cookie.c
 * syn_sent()     SYN-SENT, and both SYNs at once             tcp/syn_sent.c
 * time_wait()    TIME-WAIT, and a newer SYN                  tcp/time_wait.c
 * synchronized() the steps of SEGMENT ARRIVES                tcp/seqcheck.c, input.c, ack.c, text.c
 * challenge()    and its limit                               tcp/output.c
 * open(), close(), again()                                   tcp/open.c, close.c, output.c, expire.c
 * world()        events that no end decides: loss, epochs, pressure, a forger
 *
 * Left out: sequence numbers do not wrap, windows do not move, text is one octet
 * beside the FIN, and nothing is kept out of order. A timer fires only when nothing
 * but late copies is in flight (a timer that fires too early would send such a copy).
 * Initial sequence numbers lie further apart than a window, except those of a CARELESS
 * opener. A cookie is a number that follows from the opener's number and the epoch.
 *
 * Asserted:
 *   become()       each transition is in RFC 9293 figure 5 or 3.10 (LEGAL), and
 *                  each state is true about both FINs (TRUE_STATE)
 *   BELONGS        no end takes text, FIN or progress from another incarnation's segment
 *   recreate()     each connection from a cookie is from a cookie that was sent, and not expired
 *   step_done()    two ends that are ESTABLISHED agree on both initial sequence numbers.
 *                  Cookies make one exception: a copy of a handshake's ACK that comes within two
 *                  epochs, after the connection has ended, counts like the first ACK. Such a
 *                  connection must end: no text is taken, and both ends close.
 *   ends           no run waits for ever, or goes round in circles: the loss is bounded, and
 *                  both sides are CLOSED in the end. Fairness is not assumed.
 */
#ifndef OPENS
#define OPENS 1 /* connections that end 0 opens, one behind the other */
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef COPIES
#define COPIES 0
#endif
#ifndef SWITCHES
#define SWITCHES 0 /* changes of the listener's mode */
#endif
#ifndef EVICTIONS
#define EVICTIONS 0 /* evictions of half-open records */
#endif
#ifndef ABORTS
#define ABORTS 0
#endif
#ifndef FORGED
#define FORGED 0
#endif
#ifndef STATELESS
#define STATELESS 0 /* the listener's mode at the start */
#endif
#define ISS_PEER   64  /* the number of end 1, if it opens, too */
#define FORGED_ISS 240 /* no end sends it */
#define RETRIES (LOSSES + 2) /* more than can be lost: an end that gives up has no peer */

#include "wire.pml"
#include "tcp.pml"

byte opens[2] = OPENS; /* connections that each end has still to open */
byte switches = SWITCHES;
byte evictions = EVICTIONS;
byte aborts = ABORTS;
byte forged = FORGED;
byte was, will, n; /* used within one step, 0 between two */

#define OVER (opens[0] == 0 && opens[1] == 0 && c[0].state == CLOSED && c[1].state == CLOSED && !IN_FLIGHT)

#define BOTH_OPEN (c[0].state == ESTABLISHED && c[1].state == ESTABLISHED)
#define AGREE (c[0].iss == c[1].irs && c[1].iss == c[0].irs)

inline step_done()
{
	assert(!BOTH_OPEN || AGREE || c[1].recreated);
	s = 0;
	out = 0
}

inline say(segment)
{
	out = segment;
	tell(says, out);
	send(1 - me, out)
}

/* OPEN (open.c). */
inline open(first)
{
	c[me].opened = true;
	c[me].iss = first;
	c[me].snd_una = first;
	c[me].snd_nxt = first + 1;
	become(SYN_SENT);
	say(MINE(SYN, first, 0))
}

/* CLOSE (close.c, tcp_leave(); output.c, fin_sent()). */
inline close()
{
	c[me].snd_nxt = c[me].snd_nxt + TAIL;
	if
	:: c[me].state == ESTABLISHED -> become(FIN_WAIT_1)
	:: c[me].state == CLOSE_WAIT -> become(LAST_ACK)
	fi;
	say(MINE(FIN + ACK, c[me].snd_una, c[me].rcv_nxt))
}

/* expire.c, rexmt_fired(). */
inline again()
{
	c[me].challenges = 0;
	if
	:: c[me].tries == RETRIES ->
		become(CLOSED)
	:: c[me].tries < RETRIES ->
		c[me].tries++;
		if
		:: c[me].state == SYN_SENT ->
			say(MINE(SYN, c[me].iss, 0))
		:: c[me].state == SYN_RECEIVED ->
			say(MINE(SYN + ACK, c[me].iss, c[me].rcv_nxt))
		:: c[me].state > SYN_RECEIVED ->
			say(MINE(FIN + ACK, c[me].snd_una, c[me].rcv_nxt))
		fi
	fi
}

/* Something is not acknowledged. */
#ifdef BUG_NO_TIMER
#define WAITS false
#else
#define WAITS (c[me].state != CLOSED && c[me].state != TIME_WAIT && c[me].snd_una != c[me].snd_nxt)
#endif

proctype end(bit me)
{
	int s, out;
	byte i;

	do
	:: atomic { /* a segment; the wire may keep a copy of it */
		choose(me);
		take(me, s);
		tell(takes, s);
		if
		:: true
		:: copies > 0 ->
			copies--;
			printf("(copied)\n");
			out = s | COPY;
			send(me, out);
			out = 0
		fi;
		arrive();
		if
		:: out != 0 -> tell(answers, out); send(1 - me, out)
		:: else
		fi;
		step_done()
	}
	:: atomic { /* a timer: no segment that could answer it is in flight */
		fresh == 0 && WAITS ->
		again();
		step_done()
	}
	:: atomic { /* tcp_timers_orphaned(): a peer that knows of us would have closed */
		c[me].state == FIN_WAIT_2 && !IN_FLIGHT && c[1 - me].irs != c[me].iss ->
		become(CLOSED);
		step_done()
	}
	:: atomic { /* 2 MSL, which is longer than any peer sends its FIN again */
		c[me].state == TIME_WAIT && !IN_FLIGHT &&
		(c[1 - me].irs != c[me].iss || c[1 - me].snd_una == c[1 - me].snd_nxt) ->
		become(CLOSED);
		step_done()
	}
	:: atomic {
		c[me].state == ESTABLISHED || c[me].state == CLOSE_WAIT ->
		close();
		step_done()
	}
	:: atomic { /* ABORT (life.c, tcp_conn_abort()) */
		aborts > 0 && me == 0 && c[me].state != CLOSED && c[me].state != TIME_WAIT ->
		aborts--;
		if
		:: c[me].state > SYN_RECEIVED ->
			say(MINE(RST + ACK, c[me].snd_nxt, c[me].rcv_nxt))
		:: else
		fi;
		become(CLOSED);
		step_done()
	}
	:: atomic { OVER -> break }
	od
}

/* An end that opens again while it is in TIME-WAIT has timestamps, and numbers above the old ones
 * (time_wait.c, time_wait_may_reopen()). */
#ifdef TS
#define MAY_OPEN (c[me].state == CLOSED || c[me].state == TIME_WAIT)
#else
#define MAY_OPEN (c[me].state == CLOSED)
#endif

proctype opener(bit me)
{
	int s, out;
	byte i;

	do
	:: atomic {
		opens[me] > 0 && MAY_OPEN ->
		opens[me]--;
		ts_now[me]++;
		if
		:: opens[me] == OPENS - 1 -> n = (me == 0 -> ISS_1 : ISS_PEER)
		:: opens[me] < OPENS - 1 -> n = ISS_NEWER
#ifdef CARELESS
		:: opens[me] < OPENS - 1 && c[me].state == CLOSED -> n = ISS_OVER
		:: opens[me] < OPENS - 1 && c[me].state == CLOSED -> n = ISS_OLDER
#endif
		fi;
		if
		:: c[me].state == TIME_WAIT -> become(CLOSED)
		:: else
		fi;
		open(n);
		n = 0;
		step_done()
	}
	:: atomic { opens[me] == 0 -> break }
	od
}

/* Loss, time, pressure, a stranger that guesses. */
proctype world()
{
	int s, out;
	byte i;
	bit me;

	do
	:: atomic {
		choose_lost(0);
		losses = losses - !IS_COPY(AT(0, i));
		take(0, s);
		tell(loses, s);
		s = 0
	}
	:: atomic {
		choose_lost(1);
		losses = losses - !IS_COPY(AT(1, i));
		take(1, s);
		me = 1;
		tell(loses, s);
		me = 0;
		s = 0
	}
	:: atomic { switches > 0 -> switches--; stateless = !stateless; printf("stateless: %d\n", stateless) }
	:: atomic { SWITCHES + STATELESS > 0 && epoch < EPOCHS - 1 -> epoch++; printf("epoch %d\n", epoch) }
	:: atomic {
		evictions > 0 && c[1].state == SYN_RECEIVED && !c[1].opened ->
		evictions--;
		printf("evicted\n");
		me = 1;
		become(CLOSED);
		me = 0
	}
	:: atomic {
		forged > 0 && !OVER ->
		forged--;
		out = SEGMENT(ACK, ISS_1 + 1, FORGED_ISS + 1, ISS_1, 1);
		send(1, out);
		out = 0
	}
	:: atomic { OVER -> break }
	od
}

init {
	atomic {
		stateless = STATELESS;
#ifdef CROSSING
		run opener(1);
#else
		opens[1] = 0;
		listens[1] = true;
#endif
		run opener(0);
		run end(0);
		run end(1);
		run world()
	}
}

ltl ends { <> OVER }
