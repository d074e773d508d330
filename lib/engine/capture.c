/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies packets on workers, and writes them to a file on a thread of its own. */
#include "engine/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "engine/capture_file.h"
#include "engine/compat.h"
#include "engine/quota.h"
#include "engine/thread.h"
#include "wire/checksum.h"

/* Packets that wait while the disk is busy. */
#define POOL_PACKETS 16383
#define POOL_CACHE   256
#define WRITE_BURST  32
#define NAP_NS       1000000

struct capture_port {
	uint64_t taken;
	uint64_t lost;
};

struct capture {
	struct capture_file file; /* the thread's */
	struct rte_ring *ring;
	struct rte_mempool *pool;
	uint64_t open_tsc;
	uint64_t open_ns; /* the time of day at open_tsc */
	uint64_t limit;
	uint64_t asked; /* packets that count against the limit */
	uint64_t written;
	uint64_t unwritten; /* packets that the file did not take */
	int error;          /* the errno for which it did not */
	bool end;           /* no packet will follow */
	bool cut;           /* the rest of the ring is discarded */
	bool done;          /* everything is written */
	pthread_t thread;
	unsigned nports;
	uint16_t port[RTE_MAX_ETHPORTS];
	struct capture_port count[RTE_MAX_ETHPORTS]; /* by ethdev; several writers */
};

static void
capture_destroy(struct capture *c)
{
	struct rte_mbuf *m;

	capture_file_close(&c->file);
	while (c->ring != NULL && rte_ring_dequeue(c->ring, (void **)&m) == 0)
		rte_pktmbuf_free(m);
	rte_ring_free(c->ring);
	rte_mempool_free(c->pool);
	free(c);
}

static struct capture *
capture_fail(struct capture *c, enum capture_step step, int err, struct capture_failure *why)
{
	if (c != NULL)
		capture_destroy(c);
	*why = (struct capture_failure) {step, err > 0 ? err : ENOMEM};
	return NULL;
}

/* Create the pool and the ring. A copy has a block header in its headroom and options behind
 * its bytes. 0 or an errno. */
static int
make_queue(struct capture *c)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "cap_%p", (void *)c);
	rte_errno = 0;
	c->pool = rte_pktmbuf_pool_create(
	        name, POOL_PACKETS, POOL_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (c->pool != NULL)
		c->ring = rte_ring_create(name, POOL_PACKETS + 1, SOCKET_ID_ANY, RING_F_SC_DEQ);
	if (c->ring != NULL)
		return 0;
	return rte_errno > 0 ? rte_errno : ENOMEM;
}

static void
count_lost(struct capture *c, uint16_t port, unsigned n)
{
	__atomic_fetch_add(&c->count[port].lost, n, __ATOMIC_RELAXED);
}

/* Write some packets of the ring. False: it is empty. */
static bool
write_ring(struct capture *c)
{
	struct rte_mbuf *m[WRITE_BURST];
	unsigned n = rte_ring_dequeue_burst(c->ring, (void **)m, WRITE_BURST, NULL), kept = 0;

	if (n == 0)
		return false;
	if (!__atomic_load_n(&c->cut, __ATOMIC_ACQUIRE))
		kept = capture_file_write(&c->file, m, n);
	__atomic_fetch_add(&c->written, kept, __ATOMIC_RELAXED);
	__atomic_fetch_add(&c->unwritten, n - kept, __ATOMIC_RELAXED);
	__atomic_store_n(&c->error, c->file.error, __ATOMIC_RELEASE);
	/* rte_pcapng does not free them, although its header says so */
	rte_pktmbuf_free_bulk(m, n);
	return true;
}

static void
write_stats(struct capture *c)
{
	for (unsigned i = 0; i < c->nports; i++) {
		const struct capture_port *count = &c->count[c->port[i]];

		capture_file_stats(&c->file, c->port[i], count->taken, count->lost);
	}
	capture_file_flush(&c->file);
	__atomic_store_n(&c->error, c->file.error, __ATOMIC_RELEASE);
}

static void *
capture_thread(void *capture)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	struct capture *c = capture;
	bool end = false;

	while (!end) {
		end = __atomic_load_n(&c->end, __ATOMIC_ACQUIRE);
		while (write_ring(c))
			;
		if (!end)
			nanosleep(&nap, NULL);
	}
	write_stats(c);
	__atomic_store_n(&c->done, true, __ATOMIC_RELEASE);
	return NULL;
}

struct capture *
capture_open(const char *path, uint64_t limit, const uint16_t *ports, unsigned nports,
        struct capture_failure *why)
{
	struct capture *c = calloc(1, sizeof(*c));
	struct timespec now;
	int err;

	if (c == NULL || nports > RTE_MAX_ETHPORTS)
		return capture_fail(c, CAPTURE_MEMORY, ENOMEM, why);
	clock_gettime(CLOCK_REALTIME, &now);
	c->open_tsc = rte_rdtsc();
	c->open_ns = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
	c->limit = limit;
	c->nports = nports;
	memcpy(c->port, ports, nports * sizeof(*ports));
	err = make_queue(c);
	if (err != 0)
		return capture_fail(c, CAPTURE_MEMORY, err, why);
	err = capture_file_open(&c->file, path, ports, nports, &c->cut);
	if (err != 0)
		return capture_fail(c, CAPTURE_FILE, err, why);
	err = thread_create(&c->thread, "hf-capture", capture_thread, c);
	if (err != 0)
		return capture_fail(c, CAPTURE_THREAD, err, why);
	return c;
}

bool
capture_full(const struct capture *c)
{
	return c->limit != 0 && capture_packets_written(c) >= c->limit;
}

void
capture_end(struct capture *c)
{
	__atomic_store_n(&c->end, true, __ATOMIC_RELEASE);
}

bool
capture_done(const struct capture *c)
{
	return __atomic_load_n(&c->done, __ATOMIC_ACQUIRE);
}

void
capture_close(struct capture *c)
{
	if (c == NULL)
		return;
	capture_end(c);
	__atomic_store_n(&c->cut, true, __ATOMIC_RELEASE);
	thread_end(c->thread, &c->done);
	capture_destroy(c);
}

uint64_t
capture_packets_written(const struct capture *c)
{
	return __atomic_load_n(&c->written, __ATOMIC_RELAXED);
}

uint64_t
capture_packets_unwritten(const struct capture *c)
{
	return __atomic_load_n(&c->unwritten, __ATOMIC_RELAXED);
}

int
capture_error(const struct capture *c)
{
	return __atomic_load_n(&c->error, __ATOMIC_ACQUIRE);
}

uint64_t
capture_packets_lost(const struct capture *c)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++)
		lost += __atomic_load_n(&c->count[i].lost, __ATOMIC_RELAXED);
	return lost;
}

/* Make the checksums in a copy. The frame itself must leave with the sum of the pseudo-header
 * in its checksum field, for the port. */
static void
make_checksums(struct rte_mbuf *m, uint64_t ol_flags)
{
	struct ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct ipv4_hdr *, m->l2_len);
	struct tcp_hdr *tcp = rte_pktmbuf_mtod_offset(
	        m, struct tcp_hdr *, m->l2_len + m->l3_len);
	uint16_t len;
	uint64_t sum;

	if (ol_flags & RTE_MBUF_F_TX_IP_CKSUM)
		ip->checksum = checksum_ipv4(ip);
	if ((ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM) {
		len = (uint16_t)(be16_to_cpu(ip->total_length) - m->l3_len);
		tcp->checksum = 0;
		sum = checksum_pseudo(&ip->src, IPPROTO_TCP_, len);
		tcp->checksum = (be16)~checksum_fold(checksum_add(sum, tcp, len));
	}
}

static struct rte_mbuf *
copy_packet(struct capture *c, uint16_t port, uint16_t queue, const struct rte_mbuf *m,
        uint64_t stamp, enum rte_pcapng_direction direction)
{
	const uint64_t offloads = RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK;
	struct rte_mbuf *whole, *copy;

	if (direction == RTE_PCAPNG_DIRECTION_IN || (m->ol_flags & offloads) == 0)
		return compat_pcapng_copy(port, queue, m, c->pool, stamp, direction);
	whole = rte_pktmbuf_copy(m, c->pool, 0, UINT32_MAX);
	if (whole == NULL)
		return NULL;
	if (whole->nb_segs == 1) {
		whole->tx_offload = m->tx_offload;
		make_checksums(whole, m->ol_flags);
	}
	copy = compat_pcapng_copy(port, queue, whole, c->pool, stamp, direction);
	rte_pktmbuf_free(whole);
	return copy;
}

static void
enqueue_copy(struct capture *c, uint16_t port, struct rte_mbuf *copy)
{
	if (copy == NULL) {
		count_lost(c, port, 1);
	} else if (rte_ring_enqueue(c->ring, copy) != 0) {
		rte_pktmbuf_free(copy);
		count_lost(c, port, 1);
	}
}

void
capture_received(struct capture *c, uint16_t port, uint16_t queue, struct rte_mbuf **m,
        unsigned n, uint64_t day_ns)
{
	uint64_t stamp = compat_pcapng_stamp(c->open_tsc, c->open_ns, day_ns);

	n = quota_take(&c->asked, c->limit, n);
	__atomic_fetch_add(&c->count[port].taken, n, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < n; i++)
		enqueue_copy(c, port,
		        copy_packet(c, port, queue, m[i], stamp, RTE_PCAPNG_DIRECTION_IN));
}

unsigned
capture_copy(struct capture *c, uint16_t port, uint16_t queue, struct rte_mbuf **m, unsigned n,
        struct rte_mbuf **copy, uint64_t day_ns)
{
	uint64_t stamp = compat_pcapng_stamp(c->open_tsc, c->open_ns, day_ns);

	n = quota_take(&c->asked, c->limit, n);
	for (unsigned i = 0; i < n; i++)
		copy[i] = copy_packet(c, port, queue, m[i], stamp, RTE_PCAPNG_DIRECTION_OUT);
	return n;
}

void
capture_sent(
        struct capture *c, uint16_t port, struct rte_mbuf **copy, unsigned n, unsigned sent)
{
	sent = RTE_MIN(sent, n);
	__atomic_fetch_add(&c->count[port].taken, sent, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < sent; i++)
		enqueue_copy(c, port, copy[i]);
	for (unsigned i = sent; i < n; i++)
		rte_pktmbuf_free(copy[i]);
	quota_give_back(&c->asked, c->limit, n - sent);
}
