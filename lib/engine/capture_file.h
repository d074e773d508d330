/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_file: a pcapng file that ends at a whole block, whatever the disk does.
 *
 * A file may take a part of what rte_pcapng writes. Then the rest is written again, so that the
 * kernel names the cause, and a regular file is cut back to the end of its last whole block. A
 * FIFO or a device keeps the part.
 *
 * Threads    one at a time. A write may take as long as a disk or a reader does.
 * Ownership  the file is its own from capture_file_open() to capture_file_close().
 * Memory     a few KB of the kernel's while the file is opened.
 * Errors     an errno, positive. After the first one nothing is written any more.
 * Bounds     none: the caller has a limit.
 */
#ifndef ENGINE_CAPTURE_FILE_H
#define ENGINE_CAPTURE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct rte_mbuf;
struct rte_pcapng;

struct capture_file {
	struct rte_pcapng *pcapng;
	int fd; /* the number that rte_pcapng writes to */
	int error;
	bool regular;
	off_t whole;     /* the end of the last whole block */
	const bool *cut; /* set: an interrupted write is not tried again */
};

/* ENXIO: a FIFO without a reader. */
int capture_file_open(struct capture_file *f, const char *path, const uint16_t *ports,
        unsigned nports, const bool *cut);
/* Returns the number of packets that are in the file, the first ones. Fewer than n: see
 * f->error. */
unsigned capture_file_write(struct capture_file *f, struct rte_mbuf **m, unsigned n);
void capture_file_stats(
        struct capture_file *f, uint16_t port, uint64_t received, uint64_t lost);
/* Some disks report only now that they are full. */
void capture_file_flush(struct capture_file *f);
void capture_file_close(struct capture_file *f);

#endif
