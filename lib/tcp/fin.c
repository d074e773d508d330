/* SPDX-License-Identifier: BSD-3-Clause */
/* The step of the peer's FIN: eighth, check the FIN bit (RFC 9293 3.10.7.4). ack.c handles the
 * acknowledgment of our own FIN. */
#include "tcp/fin.h"

#include "tcp/reasm.h"
#include "tcp/tell.h"
#include "tcp/timers.h"

/* The peer's FIN, at RCV.NXT. */
void
take_fin(struct tcp *t, struct tcp_conn *c)
{
	c->rcv_nxt++;
	c->flags |= CONN_ACK_NOW;
	if (c->reasm != POOL_NONE) /* nothing lies behind a FIN */
		reasm_purge(t, c);
	switch ((enum tcp_state)c->state) {
	case TCP_ESTABLISHED:
		c->state = TCP_CLOSE_WAIT;
		break;
	case TCP_FIN_WAIT_1: /* our FIN is not acknowledged yet */
		c->state = TCP_CLOSING;
		break;
	case TCP_FIN_WAIT_2:
		c->state = TCP_TIME_WAIT;
		tcp_timers_stop(t, c);
		break;
	case TCP_CLOSED:
	case TCP_LISTEN:
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
	case TCP_TIME_WAIT:
	case TCP_STATES:
		break;
	}
	tcp_tell_peer_closed(t, c);
}
