/* SPDX-License-Identifier: BSD-3-Clause */
/* The smallest client: it opens a thousand connections to port 7777 of
 * 192.0.2.1, sixteen at a time, says hello, and counts what it hears. Any server
 * that answers will do.
 *
 *   cc hello_client.c -o hello_client $(pkg-config --cflags --libs handfast)
 *   hello_client -l 0 --no-huge -m 256 --no-pci --vdev=net_tap0,iface=hf0
 *   ip addr add 192.0.2.1/24 dev hf0; ip link set hf0 up
 */
#include <arpa/inet.h>
#include <stdio.h>

#include <handfast/engine.h>

#define TOTAL   1000
#define AT_ONCE 16

/* The state of one core's instance. With several cores, create() makes one for each. */
struct greeter {
	const struct hf_service *service; /* the service of the connections */
	struct hf_open how;
	unsigned opened, open, failed;
	uint64_t heard; /* bytes */
};

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct greeter *g = self;

	(void)bytes;
	g->heard += len;
	hf_close(h, c); /* an answer of one segment is enough here */
	return len;
}

/* The last event, and the only one if nothing was opened: `why` tells. */
static void
on_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct greeter *g = self;

	(void)h, (void)c;
	g->open--;
	if (why != HF_CLOSED && g->failed++ == 0)
		printf("a connection failed: %s\n", hf_reason_name(why));
}

/* Once in each turn of the core: here a client opens its connections. Bytes
 * that are sent before the handshake is complete wait for it. */
static void
on_turn(struct hf_core *h, void *self)
{
	static const char hello[] = "hello\n"; /* static: sent by pointer */
	struct greeter *g = self;
	struct hf_conn *c;

	while (g->opened < TOTAL && g->open < AT_ONCE) {
		if (hf_connect(h, g->service, g, &g->how, &c) != 0)
			return; /* no port, no room: try again in the next turn */
		g->opened++;
		g->open++;
		hf_send(h, c, hello, sizeof(hello) - 1);
	}
}

static const struct hf_service greeter = {
        .name = "greeter",
        .turn = on_turn,
        .data = on_data, /* peer_closed is NULL: then the stack closes, too */
        .closed = on_closed,
};

static int
greet(struct hf_engine *e)
{
	struct greeter g = {
	        .service = &greeter,
	        .how.peer = {htonl(0xc0000201), htons(7777)}, /* 192.0.2.1 */
	};
	void *self;

	if (hf_engine_client(e, 0, &greeter, &g, &self) != 0 || hf_engine_start(e) != 0)
		return 2;
	while (g.opened < TOTAL || g.open > 0)
		hf_engine_poll(e); /* the main core works, because it is the only one */
	hf_engine_client_end(e, 0, self);
	hf_engine_stop(e);
	printf("%u opened, %u failed, %llu bytes heard\n", g.opened, g.failed,
	        (unsigned long long)g.heard);
	return g.failed == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct hf_port_conf port = {
	        .id = 0,
	        .addr = htonl(0xc0000202), /* 192.0.2.2/24 */
	        .netmask = htonl(0xffffff00),
	};
	struct hf_engine_conf conf = {
	        .size = sizeof(conf),
	        .nports = 1,
	        .ports = &port,
	        .packets = 4095,
	};
	struct hf_engine *e;
	int rc;

	if (hf_eal_start(argc, argv) < 0 || hf_engine_create(&e, &conf) != 0)
		return 2;
	rc = greet(e);
	hf_engine_destroy(e);
	hf_eal_stop();
	return rc;
}
