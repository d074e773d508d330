/* SPDX-License-Identifier: BSD-3-Clause */
/* model: opening, closing, TIME-WAIT and the change between half-open records and cookies,
 * for spin. Two ends, a wire that loses, copies and reorders, a listener that changes its
 * mind. What is bounded is given with -D below; run_model.py knows which sets are worth it.
 *
 * This           is                                          of lib/
 * arrive()       which of the four it is for                 stack/demux.c
 * stranger()     LISTEN: a record, or a cookie; CLOSED       tcp/listen.c, closed.c
 * recreate()     the ACK from which a connection comes       tcp/accept.c, syn/cookie.c
 * syn_sent()     SYN-SENT, and both SYNs at once             tcp/syn_sent.c
 * time_wait()    TIME-WAIT, and a newer SYN                  tcp/time_wait.c
 * synchronized() the steps of SEGMENT ARRIVES                tcp/seqcheck.c, input.c, ack.c, text.c
 * challenge()    and its limit                               tcp/output.c
 * open(), close(), again()                                   tcp/open.c, life.c, output.c, timers.c
 * world()        what no end decides: loss, epochs, pressure, a forger
 *
 * Left out: sequence numbers do not wrap, windows do not move, text is one octet
 * beside the FIN, nothing is kept out of order, and a timer fires only when nothing
 * but late copies is under way (a copy is what a timer that fires too early would send).
 * Initial sequence numbers lie further apart than a window, but for those of a CARELESS
 * opener; a cookie is a number that the opener's and the epoch give, and no other.
 *
 * What is asserted:
 *   become()       no transition that RFC 9293 figure 5 and 3.10 do not have (LEGAL), and
 *                  each state says the truth of both FINs (TRUE_STATE)
 *   BELONGS        no end takes text, FIN or progress from another incarnation's segment
 *   recreate()     every connection from a cookie is from one that was sent, and not expired
 *   step_done()    two ends that are ESTABLISHED agree on both initial sequence numbers.
 *                  One exception is in the nature of cookies: the ACK of a handshake that
 *                  comes again within two epochs, when all is long over, is as good as the
 *                  first. It must resolve itself: no text is taken, and both ends go.
 *   ends           no run waits for ever, or goes round in circles: the loss is bounded, and
 *                  behind it all is CLOSED on both sides. Nothing is asked of fairness.
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
#define SWITCHES 0 /* of the listener's mode */
#endif
#ifndef EVICTIONS
#define EVICTIONS 0 /* of half-open records */
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
#define ISS_PEER   64  /* of end 1, where it opens, too */
#define FORGED_ISS 240 /* nobody sent it */
#define RETRIES (LOSSES + 2) /* more than can be lost: who gives up has nobody to talk to */

#include "wire.pml"
#include "tcp.pml"

byte opens[2] = OPENS; /* connections that each end has still to open */
byte switches = SWITCHES;
byte evictions = EVICTIONS;
byte aborts = ABORTS;
byte forged = FORGED;
byte was, will, n; /* of one step, 0 between two */

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

/* CLOSE (life.c, tcp_leave(); output.c, fin_sent()). */
inline close()
{
	c[me].snd_nxt = c[me].snd_nxt + TAIL;
	if
	:: c[me].state == ESTABLISHED -> become(FIN_WAIT_1)
	:: c[me].state == CLOSE_WAIT -> become(LAST_ACK)
	fi;
	say(MINE(FIN + ACK, c[me].snd_una, c[me].rcv_nxt))
}

/* timers.c, rexmt_fired(). */
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
	:: atomic { /* a timer: nothing that could answer it is under way */
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

/* Who opens again while its own end is in TIME-WAIT has timestamps, and numbers above
 * the old ones (time_wait.c, time_wait_may_reopen()). */
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

/* Loss, time, pressure, a stranger who guesses. */
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
