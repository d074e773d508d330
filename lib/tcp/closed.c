/* SPDX-License-Identifier: BSD-3-Clause */
/* SEGMENT ARRIVES, CLOSED (RFC 9293 3.10.7.1). */
#include "tcp/bare.h"

enum drop
tcp_closed_input(struct tcp *t, struct seg *s)
{
	return tcp_reset_stranger(t, s, DROP_TCP_CLOSED);
}
