/* SPDX-License-Identifier: BSD-3-Clause */
/* The world of the sequences target, and its judge. */
#include "world.h"

#include <string.h>

#include "must.h"
#include "trace.h"

#define STASH        32 /* empty frames that a stack has at hand */
#define WAITS        64 /* frames of a port that wait for their next hop */
#define MORE         4  /* bytes: the MSS option that a SYN need not have */
#define MORE_HALF    20 /* all that the first SYN had, and the one sent again has not */
#define BARE_PER_IN  4
#define TEXT_AT_ONCE 4096
#define CROWD        40
#define TOLD_BY      8 /* turns: all have heard that the stack drains */

static bool
is_ours(const struct world *w, uint8_t port, be32 addr)
{
	return addr == w->port[port].ip ||
	       be32_to_cpu(addr) - w->conf.source_first < w->conf.source_count;
}

/* RFC 1122 3.2.1.3, 4.2.3.10 */
static void
judge_addresses(const struct world *w, const struct rig_out *o, be32 src, be32 dst)
{
	uint32_t to = be32_to_cpu(dst);

	must(is_ours(w, o->port, src));
	must(!is_ours(w, o->port, dst));
	must(to >> 24 != 0 && to >> 24 != 127 && to >> 28 != 14 && to != UINT32_MAX);
	must(dst != (w->port[o->port].ip | ~w->port[o->port].netmask));
}

static void
judge_tcp(struct world *w, const struct rig_out *o)
{
	const struct seg *s = &o->seg;
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)(const void *)(s->frame + s->l3);

	judge_addresses(w, o, s->key.raddr, s->key.laddr);
	must(!(s->frame[0] & 1));
	must(ip->version_ihl == 0x45 && ip->ttl == IPV4_TTL);
	must(s->frame_len - s->l3 <= w->port[o->port].mtu);
	must((s->flags & TCP_ACK) || (s->flags & (TCP_SYN | TCP_RST)));
	must(!(s->flags & TCP_SYN) || !(s->flags & (TCP_RST | TCP_FIN)));
	must(!(s->flags & (TCP_SYN | TCP_RST)) || s->len == 0);
	must(s->flags & TCP_SYN || s->len <= w->port[o->port].mtu - 40u);
	if (s->len != 0)
		w->text_out++;
	else
		w->bare_out++;
	peers_hear(&w->peers, s);
}

static void
judge_arp(struct world *w, const struct rig_out *o)
{
	const struct seg *s = &o->seg;
	const struct arp_hdr *a = (const struct arp_hdr *)(const void *)(s->frame + s->l3);

	must(is_ours(w, o->port, s->key.raddr));
	must(memcmp(a->sha, w->port[o->port].mac, ETH_ALEN) == 0);
	if (be16_to_cpu(a->oper) != ARP_REQUEST) {
		must(!(s->frame[0] & 1));
		return;
	}
	if (w->silent || w->nasked == WORLD_ASKED)
		return;
	w->asked[w->nasked].target = s->key.laddr;
	w->asked[w->nasked++].port = o->port;
}

/* Frames that were sent and not delivered. Some waiting frames make room for others. */
static void
count_lost(struct world *w)
{
	const struct counters *c = stack_counters(w->r->st);

	w->peers.lost = (uint32_t)(c->drop[DROP_NO_MBUF] + c->drop[DROP_TX_FULL] +
	                           c->drop[DROP_NEIGH_UNRESOLVED]) +
	                w->waited;
}

static void
see(void *ctx, const struct rig_out *o)
{
	struct world *w = ctx;
	const struct seg *s = &o->seg;

	count_lost(w);
	trace_seg(w->r->now, false, o->parsed, s);
	must(o->parsed == DROP_NONE && s->frame_len <= o->room);
	must(memcmp(s->frame + ETH_ALEN, w->port[o->port].mac, ETH_ALEN) == 0);
	if (s->kind == SEG_TCP) {
		judge_tcp(w, o);
		return;
	}
	w->bare_out++;
	if (s->kind == SEG_ARP) {
		judge_arp(w, o);
	} else {
		must(s->frame[s->l4] == ICMP_ECHO_REPLY && !(s->frame[0] & 1));
		judge_addresses(w, o, s->key.raddr, s->key.laddr);
	}
}

static void
judge_usage(struct world *w)
{
	const struct stack_conf *c = &w->conf;
	struct stack_usage u = stack_usage(w->r->st);
	struct stack_syn syn = stack_syn(w->r->st);

	must(syn.half_open <= syn.half_open_max && syn.half_open_max >= c->max_half_open);
	must(syn.epoch_left_ms <= COOKIE_EPOCH_MS && syn.keys >= 1);
	w->peers.cookies = syn.accepts;
	must(syn.set != SYN_COOKIE_OFF || !syn.stateless);
	must(u.conns <= c->max_conns && u.half_open <= c->max_half_open + c->max_conns);
	must(u.time_wait <= (c->max_time_wait > 32 ? c->max_time_wait : 32));
	must(u.timers <= u.conns + u.half_open);
	must(u.kept <= c->max_kept);
	must(u.waiting <= RIG_PORTS * WAITS);
	w->peers.late = u.waiting != 0;
	w->waited += u.waiting != 0;
	count_lost(w);
	/* a buffer in none of these places is lost */
	must(w->r->bufs - w->r->nin <= u.kept + u.waiting + STASH);
}

/* A host that has not proved that it hears us makes us send no more than it sends, but for the
 * options of a SYN-ACK. A SYN-ACK that a timer repeats answers nothing. No reset answers a
 * reset. */
static void
judge_answers(const struct world *w)
{
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		const struct peer_flow *f = &w->peers.flow[i];
		bool half = f->half || peers_unheard(&w->peers, f);

		if (f->in_frames == 0)
			continue;
		if (!f->proved && !f->opened)
			must(f->out_bytes - (f->half ? f->syn_bytes : 0) <=
			        f->in_bytes + (half ? MORE_HALF : MORE) * f->in_frames);
		if (f->in_resets == f->in_frames && w->in == f->in_frames)
			must(f->out_resets == 0);
	}
	must(w->bare_out <= BARE_PER_IN * w->in + WAITS + w->conf.max_conns);
	must(w->text_out <= TEXT_AT_ONCE);
}

/* All that are open have heard of it. */
static void
judge_drain(struct world *w)
{
	if (w->draining && w->drained++ >= TOLD_BY)
		must(puppet_untold(&w->puppet) == 0);
}

static void
turn(struct world *w)
{
	w->in = w->r->nin;
	rig_turn(w->r);
	judge_drain(w);
	judge_usage(w);
	judge_answers(w);
	peers_turn(&w->peers);
	w->in = w->text_out = w->bare_out = 0;
}

static void
turn_shared(struct world *w)
{
	w->in = w->r->nin;
	rig_turn_shared(w->r);
	judge_usage(w);
	peers_turn(&w->peers);
	w->in = w->text_out = w->bare_out = 0;
}

/* Every host that is asked for is there. */
static void
answer_arp(struct world *w)
{
	uint8_t frame[sizeof(struct eth_hdr) + sizeof(struct arp_hdr)];
	struct seg s = {.frame = frame};

	for (unsigned i = 0; i < w->nasked; i++) {
		const struct stack_port *p = &w->port[w->asked[i].port];
		uint8_t mac[ETH_ALEN] = {2, 0, 0, 0, 0, (uint8_t)(w->asked[i].target >> 24)};

		s.frame_len = (uint16_t)build_arp_request(
		        frame, p->mac, p->ip, w->asked[i].target, NULL);
		must(parse_frame(&s) == DROP_NONE);
		build_arp_reply(&s, mac);
		rig_push(w->r, w->asked[i].port, frame, sizeof(frame));
	}
	w->nasked = 0;
	if (w->r->nin != 0)
		turn(w);
}

static void
wait(struct world *w, uint8_t delay)
{
	unsigned turns = (delay >> 4) + 1u;
	uint64_t us = script_delay_us(delay);

	if (us == 0)
		return;
	for (unsigned i = 0; i < turns; i++) {
		w->r->now = clock_from_us(w->r->now.us + us / turns);
		turn(w);
		answer_arp(w);
	}
}

static void
push(struct world *w, const struct step *s)
{
	uint8_t port = s->how & HOW_PORT_1 ? 1 : 0;
	uint8_t frame[SCRIPT_FRAME_MAX];
	struct seg *in = &w->r->in[w->r->nin];
	enum drop why;

	memcpy(frame, s->frame, s->len);
	peers_patch(&w->peers, frame, s->len, s->how, w->r->now);
	w->r->csum_ok = s->how & HOW_SUMS ? 0 : SEG_CSUM_IP | SEG_CSUM_L4;
	why = rig_push(w->r, port, frame, s->len);
	if (w->read_only)
		in->room = 0;
	trace_seg(w->r->now, true, why, in);
	if (why == DROP_NONE && in->kind == SEG_TCP)
		peers_speak(&w->peers, in);
}

static void
show(struct world *w)
{
	struct stack_listener_info listener;
	struct stack_conn_info some[3];
	struct neigh_entry neigh;
	uint32_t total, n;
	uint8_t port;

	n = stack_conns(w->r->st, NULL, some, 3, &total);
	must(n <= 3 && n <= total);
	n = stack_conns(w->r->st, "established", some, 3, &total);
	must(n <= 3 && n <= total);
	for (unsigned i = 0; stack_listener_at(w->r->st, i, &listener); i++)
		must(listener.service != NULL);
	for (unsigned i = 0; stack_neigh_at(w->r->st, 0, i, &neigh); i++)
		must(!(neigh.mac[0] & 1));
	must(stack_route_to(w->r->st, w->puppet.near, &port, w->r->now) == STACK_ROUTE_NONE ||
	        port == 0);
}

static void
client_again(struct world *w)
{
	must(w->puppet.core != NULL || puppet_count(&w->puppet) == 0);
	puppet_forget_opened(&w->puppet);
	stack_client_end(w->r->st, &w->puppet, w->r->now);
	must(stack_client(w->r->st, &puppet_service, &w->puppet, NULL) == 0);
}

/* Each goes so far: SYN, ACK, FIN, the ACK of ours. */
static void
crowd(struct world *w, unsigned far)
{
	static const uint8_t flags[] = {TCP_SYN, TCP_ACK, TCP_FIN | TCP_ACK, TCP_ACK};

	for (unsigned i = 0; i < CROWD; i++) {
		for (unsigned j = 0; j <= far % 4; j++) {
			uint8_t frame[128];
			struct say one = {.sport = (uint16_t)(50000 + i),
			        .flags = flags[j],
			        .wnd = 1000,
			        .opts = {.present = far & 4 ? SEG_OPT_TS : 0}};
			struct step s = {.how = HOW_SEQ | HOW_ACK | HOW_TS, .frame = frame};

			s.len = (uint16_t)rig_build(&one, frame);
			push(w, &s);
			turn(w);
		}
	}
}

/* The engine does the same when it stops: new connections are refused from then on. */
static void
end_in_portions(struct world *w)
{
	struct tcp_owed owed = {.at = 0};
	struct tcp_end end = {.cut = 0};

	if (w->r->nin != 0)
		turn(w);
	while (stack_owed_some(w->r->st, &owed))
		;
	w->draining = false; /* closed() is all that is heard of it */
	while (stack_abort_some(w->r->st, &end, w->r->now))
		turn(w);
	must(owed.any || end.cut == 0);
	must(puppet_count(&w->puppet) == 0 && stack_usage(w->r->st).half_open == 0);
}

static void
change_cookies(struct world *w, uint8_t how)
{
	w->masters.master[0].id++;
	w->masters.master[0].key[0]++;
	if (how & 4)
		stack_set_cookie_keys(w->r->st, &w->masters, w->r->now);
	if ((how & 3) <= SYN_COOKIE_OFF)
		stack_set_syn_cookie(w->r->st, (enum syn_cookie)(how & 3), w->r->now);
}

static void
command(struct world *w, uint8_t how)
{
	switch ((enum script_command)(how % CMD_KINDS)) {
	case CMD_DRAIN:
	case CMD_DRAIN_NOT:
		w->draining = how % CMD_KINDS == CMD_DRAIN;
		w->drained = 0;
		stack_set_draining(w->r->st, w->draining ? 5000 : 0, w->r->now);
		break;
	case CMD_ABORT_ALL:
		if (how / CMD_KINDS & 1)
			end_in_portions(w);
		else
			stack_abort_all(w->r->st, w->r->now);
		break;
	case CMD_NO_BUFFERS:
	case CMD_BUFFERS:
		w->r->allocs_left = how % CMD_KINDS == CMD_BUFFERS ? -1 : 0;
		break;
	case CMD_TAKE_NONE:
	case CMD_TAKE_ALL:
		w->r->accepts = how % CMD_KINDS == CMD_TAKE_ALL ? UINT32_MAX : 0;
		break;
	case CMD_CONNECT:
		w->puppet.wants = how / CMD_KINDS % 4;
		break;
	case CMD_CLIENT_AGAIN:
		client_again(w);
		break;
	case CMD_SHOW:
		show(w);
		break;
	case CMD_PORT_AGAIN:
		must(stack_set_port(w->r->st, 0, &w->port[0], w->r->now) == 0);
		break;
	case CMD_INBOX_FULL:
		w->r->inbox_full = !w->r->inbox_full;
		break;
	case CMD_CROWD:
		crowd(w, how / CMD_KINDS);
		break;
	case CMD_COOKIES:
		change_cookies(w, how / CMD_KINDS);
		break;
	case CMD_NOTHING:
	case CMDS:
		break;
	}
}

void
world_step(struct world *w, const struct step *s)
{
	/* a burst arrives at one time */
	if (w->r->nin != 0 && (s->len == 0 || script_delay_us(s->delay) != 0))
		turn(w);
	wait(w, s->delay);
	if (s->len == 0) {
		trace_command(w->r->now, s->how);
		command(w, s->how);
		turn(w);
		answer_arp(w);
		return;
	}
	push(w, s);
	if (s->how & HOW_SHARED)
		turn_shared(w);
	else if (!(s->how & HOW_BURST) || w->r->nin >= LIMIT_BURST)
		turn(w);
	if (w->r->nin == 0)
		answer_arp(w);
}

static void
set_limits(struct stack_conf *c, uint8_t limits)
{
	c->max_conns = limits & SET_LIMITS_CONNS ? 4 : 64;
	c->max_half_open = limits & SET_LIMITS_HALF ? 1 : 16;
	c->max_time_wait = limits & SET_LIMITS_WAIT ? 2 : 64;
	c->max_kept = limits & SET_LIMITS_KEPT ? 3 : 64;
	c->rcv_wnd = limits & SET_LIMITS_WINDOW ? 1024 : 100000;
	c->rst_per_s = limits & SET_LIMITS_RATE ? 2 : 1000;
	c->msl_ms = 30000;
	if (limits & SET_LIMITS_RETRY)
		c->retries = c->syn_retries = c->connect_retries = 2;
}

static void
set_cookies(struct world *w, uint8_t how)
{
	uint8_t mode = how & SET_COOKIES_MODE;

	w->masters.n = 1;
	w->masters.shared = how & SET_COOKIES_SHARED;
	if (mode > SYN_COOKIE_OFF)
		w->conf.syn_rate = 2;
	else
		w->conf.syn_cookie = (enum syn_cookie)mode;
	w->conf.cookie_masters = &w->masters;
}

/* The time begins near 0, near the end of 32 bits of milliseconds, or today. */
static uint64_t
first_us(uint8_t clock)
{
	static const uint64_t us[4] = {1000, (UINT64_C(1) << 32) * 1000 - 20000000,
	        UINT64_C(1700000000000000), UINT64_C(1700000000000000) + 63900000};

	return us[clock & 3];
}

static void
set_ports(struct world *w, uint8_t how)
{
	memcpy(w->port, rig_ports, sizeof(w->port));
	w->port[0].gateway = rig_ip(10, 0, 0, 1);
	w->port[0].offload_ip = w->port[0].offload_tcp = how & SET_PORT_OFFLOAD;
	w->port[1].offload_ip = how & SET_PORT_OFFLOAD;
	if (how & SET_PORT_MTU)
		w->port[0].mtu = 576;
	if (how & SET_PORT_SOURCES) {
		w->conf.source_first = 0x0a000064;
		w->conf.source_count = 3;
		w->puppet.local = rig_ip(10, 0, 0, 101);
	}
	if (how & SET_PORT_STEER) {
		steer_init_ports(&w->steer, 2);
		w->port[0].steer = &w->steer;
	}
}

static void
hear_opened(void *ctx, struct hf_addr local, struct hf_addr peer)
{
	struct world *w = ctx;

	peers_opened(
	        &w->peers, &(struct flow_key) {peer.addr, local.addr, peer.port, local.port});
}

void
world_begin(struct world *w, const uint8_t settings[SCRIPT_SETTINGS])
{
	memset(w, 0, sizeof(*w));
	memcpy(w->conf.secret, "a fuzzer's secret", sizeof(w->conf.secret));
	set_limits(&w->conf, settings[SET_LIMITS]);
	set_ports(w, settings[SET_PORT]);
	set_cookies(w, settings[SET_COOKIES]);
	w->conf.offer = settings[SET_OFFER] &
	                (SEG_OPT_MSS | SEG_OPT_WSCALE | SEG_OPT_SACK_OK | SEG_OPT_TS);
	w->silent = settings[SET_OPENS] & SET_OPENS_SILENT;
	w->puppet.opened_does = settings[SET_OPENED];
	w->puppet.closed_does = settings[SET_CLOSED];
	w->puppet.room_does = settings[SET_CLOSED] >> 4;
	w->puppet.near = rig_ip(10, 0, 0, 1);
	w->puppet.far = rig_ip(192, 0, 2, 1);
	w->puppet.wants = settings[SET_OPENS] & 3;
	w->puppet.calls_how = settings[SET_OPENS] & 0x7c;
	w->puppet.hear_opened = hear_opened;
	w->puppet.ctx = w;

	w->r = rig_new_with(&w->conf, first_us(settings[SET_CLOCK]), w->port);
	w->r->sees = see;
	w->r->ctx = w;
	w->r->slack = settings[SET_PORT] & SET_PORT_TIGHT ? 0 : 256;
	w->read_only = settings[SET_LIMITS] & SET_LIMITS_ROOM;
	must(stack_listen(w->r->st, 0, cpu_to_be16(80), &puppet_service, &w->puppet) == 0);
	must(stack_listen(w->r->st, w->port[0].ip, cpu_to_be16(80), &puppet_service,
	             &w->puppet) == 0);
	must(stack_client(w->r->st, &puppet_service, &w->puppet, NULL) == 0);
	turn(w);
	answer_arp(w);
}

void
world_end(struct world *w)
{
	if (w->r->nin != 0)
		turn(w);
	w->puppet.ending = true;
	turn(w);
	stack_abort_all(w->r->st, w->r->now);
	must(puppet_count(&w->puppet) == 0);
	must(stack_usage(w->r->st).kept == 0);
	must(rig_free(w->r) == 0);
}
