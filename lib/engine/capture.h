/* SPDX-License-Identifier: BSD-3-Clause */
/* capture: packets of the wire, into a pcapng file (rte_pcapng).
 *
 * Workers copy packets into a ring. A thread of the capture writes them to the file, so no
 * worker makes a system call or waits for a disk. Frames whose checksums the port makes get
 * them in the copy. An outgoing frame is copied before the port is asked to take it, because
 * afterwards the port owns it. The copy of a frame that the port does not take is discarded.
 *
 * Threads    capture_received(), capture_copy() and capture_sent() on workers; all else on the
 *            main core. From capture_open() to capture_close() the file belongs to the thread,
 *            which may be in the middle of a write for any time.
 * Ownership  the copies are the capture's.
 * Memory     a pool of 16,383 packets and a ring, of EAL's memory.
 * Errors     struct capture_failure. Later ones: capture_error(), and counters.
 * Bounds     a full ring or pool loses packets of the capture, not of connections, and counts
 *            them. So does a file that takes no more; it ends at a whole block
 * (capture_file.h).
 */
#ifndef ENGINE_CAPTURE_H
#define ENGINE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

struct capture;
struct rte_mbuf;

/* The step that failed, and an errno. */
struct capture_failure {
	enum capture_step {
		CAPTURE_MEMORY, /* EAL's memory, for packet buffers or a ring */
		CAPTURE_FILE,   /* ENXIO: perhaps a FIFO without a reader */
		CAPTURE_THREAD,
	} step;
	int err;
};

/* Open a capture. limit: it takes this many packets and no more; 0: no limit. NULL: *why tells.
 */
struct capture *capture_open(const char *path, uint64_t limit, const uint16_t *ports,
        unsigned nports, struct capture_failure *why);
/* Has the capture all packets that its limit allows? */
bool capture_full(const struct capture *c);
/* No worker uses the capture any more: write the rest of the ring. */
void capture_end(struct capture *c);
/* After capture_end(): is everything written? */
bool capture_done(const struct capture *c);
/* Close the file. If the capture is not done, the rest is lost. */
void capture_close(struct capture *c);
/* The errno for which the file takes no more; 0: it takes more. */
int capture_error(const struct capture *c);
/* Packets in the file; packets that it did not take; packets that found no buffer. */
uint64_t capture_packets_written(const struct capture *c);
uint64_t capture_packets_unwritten(const struct capture *c);
uint64_t capture_packets_lost(const struct capture *c);

/* Copy received packets. day_ns: the time since 1970. */
void capture_received(struct capture *c, uint16_t port, uint16_t queue, struct rte_mbuf **m,
        unsigned n, uint64_t day_ns);
/* Copy packets that are about to be sent. copy[i] is NULL where a copy is lost. Returns the
 * number of copies: n, or less at the limit. */
unsigned capture_copy(struct capture *c, uint16_t port, uint16_t queue, struct rte_mbuf **m,
        unsigned n, struct rte_mbuf **copy, uint64_t day_ns);
/* The port took the first `sent` of these n: keep their copies, discard the others. */
void capture_sent(
        struct capture *c, uint16_t port, struct rte_mbuf **copy, unsigned n, unsigned sent);

#endif
