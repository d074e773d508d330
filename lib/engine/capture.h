/* SPDX-License-Identifier: BSD-3-Clause */
/* capture: what was on the wire, into a pcapng file (rte_pcapng).
 *
 * Workers copy packets into a ring, the main core writes them to the file:
 * no system call on a worker. A full ring or pool loses packets of the
 * capture, not of the connections, and counts them. Frames whose checksums
 * the port makes get them in the copy.
 *
 * Outgoing frames are copied before the port is asked to take them: afterwards
 * they are the port's. So the file also has those that a full queue refused;
 * they are counted, and who closes the capture can say so.
 *
 * Threads  capture_packets() and capture_refused() on workers; all else on the main core.
 */
#ifndef ENGINE_CAPTURE_H
#define ENGINE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

struct capture;
struct rte_mbuf;

/* limit: packets after which it takes no more (0: none). NULL on failure, with
 * a message on stderr. */
struct capture *capture_open(
        const char *path, uint64_t limit, const uint16_t *ports, unsigned nports);
/* Writes what is in the ring; call it often. */
void capture_write(struct capture *c);
/* No worker may use it any more. */
void capture_close(struct capture *c);
uint64_t capture_packets_written(const struct capture *c);
uint64_t capture_packets_lost(const struct capture *c);
/* In the file at most, and never on the wire. */
uint64_t capture_packets_refused(const struct capture *c);

/* Returns how many of the first it took: n unless the limit was reached. day_ns: when,
 * since 1970. */
unsigned capture_packets(struct capture *c, uint16_t port, uint16_t queue, struct rte_mbuf **m,
        unsigned n, bool outgoing, uint64_t day_ns);
/* Of the outgoing that it took, the port refused n. */
void capture_refused(struct capture *c, unsigned n);

#endif
