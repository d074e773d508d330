/* SPDX-License-Identifier: BSD-3-Clause */
/* The smallest program with a TCP of its own: it greets whoever connects to
 * port 7777 of 192.0.2.2, says back what it hears, and ends with Ctrl-C.
 *
 *   hello -l 0 --no-huge -m 256 --no-pci --vdev=net_tap0,iface=hf0
 *   ip addr add 192.0.2.1/24 dev hf0; ip link set hf0 up; nc 192.0.2.2 7777
 */
#include <signal.h>
#include <stdio.h>

#include <rte_eal.h>
#include <rte_lcore.h>

#include "handfast/handfast.h"
#include "drivers-glue/port.h"
#include "engine/engine.h"

#define PACKETS     4095
#define PATIENCE_MS 600000 /* who rests for longer is reset, and that makes room */
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
		return 0; /* not taken: the peer sends it again */
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
serve(struct engine *e)
{
	if (engine_listen(e, 0, cpu_to_be16(7777), &hello, NULL) != 0 || engine_start(e) != 0)
		return 2;
	while (!over)
		engine_poll(e); /* the main core works, because it is the only one */
	engine_drain(e, END_MS, NULL, NULL);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct engine_conf conf = {
	        .nports = 1,
	        .nworkers = 1,
	        .stack.max_kept = PACKETS / 2, /* of the pool: what waits in queues */
	};
	struct port_notes notes;
	struct engine *e;
	int rc;

	signal(SIGINT, on_signal);
	if (rte_eal_init(argc, argv) < 0)
		return 2;
	conf.lcore[0] = rte_get_main_lcore();
	conf.pool[0] = port_pool(conf.lcore[0], PACKETS);
	if (conf.pool[0] == NULL || port_open(0, 1, conf.pool, &conf.port[0], &notes) != 0)
		return 2;
	conf.port[0].net.ip = cpu_to_be32(0xc0000202); /* 192.0.2.2/24 */
	conf.port[0].net.netmask = cpu_to_be32(0xffffff00);
	if (engine_create(&e, &conf) != 0)
		return 2;
	rc = serve(e);
	engine_destroy(e);
	port_close(0);
	rte_eal_cleanup();
	return rc;
}
