/* SPDX-License-Identifier: BSD-3-Clause */
/* capture: what was on the wire, into a pcapng file (rte_pcapng).
 *
 * Workers copy packets into a ring, a thread of the capture's own writes them to
 * the file: no system call on a worker, and nobody waits for a disk. A full ring or
 * pool loses packets of the capture, not of the connections, and counts them. So does a
 * file that takes no more, which ends at a whole block (capture_file.h).
 * Frames whose checksums the port makes get them in the copy.
 *
 * Outgoing frames are copied before the port is asked to take them: afterwards
 * they are the port's. Copies of those that it does not take are thrown away.
 *
 * Threads  capture_received(), capture_copy() and capture_sent() on workers; all else on
 *          the main core. From capture_open() to capture_close() the file is the
 *          thread's, which may be in the midst of a write for as long as that lasts.
 */
#ifndef ENGINE_CAPTURE_H
#define ENGINE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

struct capture;
struct rte_mbuf;

/* What failed, and an errno. */
struct capture_failure {
	enum capture_step {
		CAPTURE_MEMORY, /* EAL's: packet buffers, a ring */
		CAPTURE_FILE,   /* ENXIO: perhaps a FIFO that nobody reads */
		CAPTURE_THREAD,
	} step;
	int err;
};

/* limit: packets after which it takes no more (0: none). NULL, and why. */
struct capture *capture_open(const char *path, uint64_t limit, const uint16_t *ports,
        unsigned nports, struct capture_failure *why);
/* It has all that the limit allows. */
bool capture_full(const struct capture *c);
/* No worker uses it any more: what is in the ring is written. */
void capture_end(struct capture *c);
/* After capture_end(): is all written? */
bool capture_done(const struct capture *c);
/* Should it not be done, its end is missing. */
void capture_close(struct capture *c);
/* Why the file takes no more, an errno; 0: it does. */
int capture_error(const struct capture *c);
/* In the file; too late or too many for it; without a buffer. */
uint64_t capture_packets_written(const struct capture *c);
uint64_t capture_packets_unwritten(const struct capture *c);
uint64_t capture_packets_lost(const struct capture *c);

/* day_ns: when, since 1970. */
void capture_received(struct capture *c, uint16_t port, uint16_t queue, struct rte_mbuf **m,
        unsigned n, uint64_t day_ns);
/* Copies of the first of those that are to be sent, NULL where one is lost; returns how
 * many: n unless the limit was reached. */
unsigned capture_copy(struct capture *c, uint16_t port, uint16_t queue, struct rte_mbuf **m,
        unsigned n, struct rte_mbuf **copy, uint64_t day_ns);
/* Of these n, the port took the first `sent`. */
void capture_sent(
        struct capture *c, uint16_t port, struct rte_mbuf **copy, unsigned n, unsigned sent);

#endif
