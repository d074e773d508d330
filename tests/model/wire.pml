/* SPDX-License-Identifier: BSD-3-Clause */
/* wire: the segments in flight to each end, as a sorted bag, so that order means nothing.
 *
 * A segment is one number. `from` is a ghost: the initial sequence number of its sender. By it
 * the model knows the segment's incarnation, which the code cannot know. The wire makes copies. A
 * copy may vanish at any time, and stays no longer than TIME-WAIT lasts (RFC 9293 3.4.2: MSL). */

#define W 8 /* places in each direction; send() asserts that they are enough */

mtype = { takes, says, answers, loses };

#define FIN 1
#define SYN 2
#define RST 4
#define ACK 8

#define SEGMENT(flags, seq, ack, from, ts) \
	((flags) + ((seq) << 4) + ((ack) << 12) + ((from) << 20) + ((ts) << 28))
#define COPY       (1 << 30)
#define FLAGS(s)   ((s) & 15)
#define SEQ(s)     (((s) >> 4) & 255)
#define ACKED(s)   (((s) >> 12) & 255)
#define FROM(s)    (((s) >> 20) & 255)
#define TSVAL(s)   (((s) >> 28) & 3)
#define AT(to, i)  wire[(to) * W + (i)]
#define IS_COPY(s) ((s) >= COPY)

int wire[2 * W];
byte fresh; /* segments that are no copies, both ways */
byte losses = LOSSES;
byte copies = COPIES;

#define IN_FLIGHT (AT(0, 0) != 0 || AT(1, 0) != 0)

/* For a reader of a trail; pan prints nothing. */
inline tell(verb, segment)
{
	printf("%d %e copy %d %c%c%c%c seq %d ack %d of %d ts %d\n", me, verb, IS_COPY(segment),
		(FLAGS(segment) & SYN -> 'S' : '.'), (FLAGS(segment) & FIN -> 'F' : '.'),
		(FLAGS(segment) & RST -> 'R' : '.'), (FLAGS(segment) & ACK -> 'A' : '.'),
		SEQ(segment), ACKED(segment), FROM(segment), TSVAL(segment))
}

/* Uses i, which is 0 before and after. */
inline send(to, segment)
{
	assert(AT(to, W - 1) == 0); /* otherwise W is too small */
	i = W - 1;
	do
	:: i > 0 && AT(to, i - 1) < (segment) ->
		AT(to, i) = AT(to, i - 1);
		i--
	:: else ->
		break
	od;
	AT(to, i) = segment;
	i = 0;
	fresh = fresh + ((segment) < COPY)
}

/* Take the i-th segment; i is 0 afterwards. */
inline take(to, segment)
{
	segment = AT(to, i);
	fresh = fresh - !IS_COPY(segment);
	do
	:: i < W - 1 && AT(to, i + 1) != 0 ->
		AT(to, i) = AT(to, i + 1);
		i++
	:: else ->
		break
	od;
	AT(to, i) = 0;
	i = 0
}

/* Any segment, each kind once. */
inline choose(to)
{
	if
	:: AT(to, 0) != 0 -> i = 0
	:: AT(to, 1) != 0 && AT(to, 1) != AT(to, 0) -> i = 1
	:: AT(to, 2) != 0 && AT(to, 2) != AT(to, 1) -> i = 2
	:: AT(to, 3) != 0 && AT(to, 3) != AT(to, 2) -> i = 3
	:: AT(to, 4) != 0 && AT(to, 4) != AT(to, 3) -> i = 4
	:: AT(to, 5) != 0 && AT(to, 5) != AT(to, 4) -> i = 5
	:: AT(to, 6) != 0 && AT(to, 6) != AT(to, 5) -> i = 6
	:: AT(to, 7) != 0 && AT(to, 7) != AT(to, 6) -> i = 7
	fi
}

/* The wire may lose a copy at any time. */
#define LOSABLE(s) ((s) != 0 && (IS_COPY(s) || losses > 0))

inline choose_lost(to)
{
	if
	:: LOSABLE(AT(to, 0)) -> i = 0
	:: LOSABLE(AT(to, 1)) && AT(to, 1) != AT(to, 0) -> i = 1
	:: LOSABLE(AT(to, 2)) && AT(to, 2) != AT(to, 1) -> i = 2
	:: LOSABLE(AT(to, 3)) && AT(to, 3) != AT(to, 2) -> i = 3
	:: LOSABLE(AT(to, 4)) && AT(to, 4) != AT(to, 3) -> i = 4
	:: LOSABLE(AT(to, 5)) && AT(to, 5) != AT(to, 4) -> i = 5
	:: LOSABLE(AT(to, 6)) && AT(to, 6) != AT(to, 5) -> i = 6
	:: LOSABLE(AT(to, 7)) && AT(to, 7) != AT(to, 6) -> i = 7
	fi
}
