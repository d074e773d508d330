/* SPDX-License-Identifier: BSD-3-Clause */
/* A script is printed as segments. */
#include "wire/parse.h"

#include <stdio.h>
#include <stdlib.h>

#include "trace.h"

static bool
is_on(void)
{
	return getenv("TRACE") != NULL;
}

void
trace_command(struct clock now, uint8_t command)
{
	if (is_on())
		fprintf(stderr, "%10u ms  command %u\n", now.ms, command % CMD_KINDS);
}

static void
print_tcp(const struct seg *s)
{
	static const char letters[] = "FSRPAUEC";
	char flags[9];
	unsigned n = 0;

	for (unsigned i = 0; i < 8; i++)
		if (s->flags >> i & 1)
			flags[n++] = letters[i];
	flags[n] = '\0';
	fprintf(stderr, " %s seq %u ack %u wnd %u len %u opts %02x ts %u %u sacks %u\n", flags,
	        s->seq, s->ack, s->wnd, s->len, s->opts, s->tsval, s->tsecr, s->nsack);
}

void
trace_seg(struct clock now, bool in, enum drop why, const struct seg *s)
{
	const uint8_t *from = (const uint8_t *)&s->key.raddr;

	if (!is_on())
		return;
	if (why != DROP_NONE) {
		fprintf(stderr, "%10u ms  -> %s\n", now.ms, drop_name(why));
		return;
	}
	fprintf(stderr, "%10u ms  %s %u.%u.%u.%u:%u :%u", now.ms, in ? "->" : "<-", from[0],
	        from[1], from[2], from[3], be16_to_cpu(s->key.rport),
	        be16_to_cpu(s->key.lport));
	if (s->kind == SEG_TCP)
		print_tcp(s);
	else
		fprintf(stderr, " %s\n", s->kind == SEG_ARP ? "ARP" : "ICMP");
}
