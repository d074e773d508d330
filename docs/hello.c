/* SPDX-License-Identifier: BSD-3-Clause */
/* The smallest program with a TCP of its own: it greets each peer that connects to port
 * 7777 of 192.0.2.2, echoes what it receives, and ends with Ctrl-C.
 *
 *   cc hello.c -o hello $(pkg-config --cflags --libs handfast)
 *   hello -l 0 --no-huge -m 256 --no-pci --vdev=net_tap0,iface=hf0
 *   ip addr add 192.0.2.1/24 dev hf0; ip link set hf0 up; nc 192.0.2.2 7777
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stddef.h>

#include <handfast/engine.h>

#define PATIENCE_MS 600000 /* a peer that is silent for longer is reset, which makes room */
#define END_MS      2000   /* for what is under way */

static volatile sig_atomic_t over;

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	static const char greeting[] = "hello\n"; /* static: sent by pointer */

	(void)self;
	hf_send(h, c, greeting, sizeof(greeting) - 1);
	hf_deadline(h, c, PATIENCE_MS);
}

/* The packet itself goes back into the send queue: nothing is copied here. */
static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct hf_buf *b = hf_keep(h, c);

	(void)self;
	if (b == NULL)
		return 0; /* not taken: the stack holds it and offers it again */
	if (hf_send_buf(h, c, b, bytes, len) != 0) {
		hf_buf_free(h, b);
		return 0;
	}
	hf_deadline(h, c, PATIENCE_MS);
	return len;
}

/* The program is about to end: FIN behind what is queued. */
static void
on_draining(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)self;
	hf_linger(h, c);
}

static const struct hf_service hello = {
        .name = "hello",
        .opened = on_opened,
        .data = on_data, /* peer_closed is NULL: then the stack closes, too */
        .draining = on_draining,
};

static void
on_signal(int number)
{
	(void)number;
	over = 1;
}

static int
serve(struct hf_engine *e)
{
	struct hf_addr local = {.addr = 0, .port = htons(7777)}; /* addr 0: each of ours */

	if (hf_engine_listen(e, local, &hello, NULL) != 0 || hf_engine_start(e) != 0)
		return 2;
	while (!over)
		hf_engine_poll(e); /* the main core works, because it is the only one */
	hf_engine_drain(e, END_MS, NULL, NULL);
	return 0;
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

	signal(SIGINT, on_signal);
	if (hf_eal_start(argc, argv) < 0 || hf_engine_create(&e, &conf) != 0)
		return 2;
	rc = serve(e);
	hf_engine_destroy(e);
	hf_eal_stop();
	return rc;
}
