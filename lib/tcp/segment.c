/* SPDX-License-Identifier: BSD-3-Clause */
/* SEGMENT ARRIVES (RFC 9293 3.10.7), the only entry point for segments. A segment goes to the
 * connection, half-open record, TIME-WAIT record, listener or other core that owns it. */
#include "tcp/bare.h"
#include "tcp/flows.h"
#include "tcp/steps.h"
#include "tcp/time_wait.h"

/* Answer as a CLOSED port (RFC 9293 3.10.7.1), unless another core has opened the flow. */
static enum drop
segment_without_flow(struct tcp *t, struct seg *s)
{
	enum drop why;

	if (t->hand_over != NULL && t->hand_over(t->below, s, &why))
		return why;
	return tcp_reset_stranger(t, s, DROP_TCP_CLOSED);
}

/* Handle a segment without a record. iss_floor: as in time_wait_input(), or 0. */
static enum drop
segment_of_stranger(struct tcp *t, struct seg *s, uint32_t iss_floor)
{
	uint8_t listener = tcp_find_listener(t, s->key.laddr, s->key.lport);

	if (listener == TCP_NO_USER)
		return segment_without_flow(t, s);
	return tcp_listen_input(t, listener, s, iss_floor);
}

/* A newer SYN opens the flow again. If the SYN is accepted, the TIME-WAIT record ends. */
static enum drop
segment_in_time_wait(struct tcp *t, uint32_t i, struct seg *s)
{
	uint32_t iss_floor = 0;
	bool reopen = false;
	enum drop why = time_wait_input(t, i, s, &reopen, &iss_floor);

	if (!reopen)
		return why;
	why = segment_of_stranger(t, s, iss_floor);
	if (why == DROP_NONE)
		time_wait_reopened(t, i, s->hash);
	return why;
}

enum drop
tcp_segment(struct tcp *t, struct seg *s)
{
	uint32_t ref = flows_settle(t, s);

	if (ref == FLOW_NONE)
		return segment_of_stranger(t, s, 0);
	if ((ref & REF_KIND) == REF_CONN)
		return tcp_input(t, tcp_conn_at(t, ref & REF_INDEX), s);
	if ((ref & REF_KIND) == REF_HALF_OPEN)
		return tcp_half_open_input(t, ref & REF_INDEX, s);
	return segment_in_time_wait(t, ref & REF_INDEX, s);
}
