/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_file: a pcapng file that ends at a whole block, whatever the disk does.
 *
 * What rte_pcapng writes may be taken in part: the rest is tried, so that the kernel says
 * why, and a regular file is cut back to the end of its last whole block. A FIFO or a device
 * keeps what it got.
 *
 * Threads    one at a time. A write may take as long as a disk or a reader does.
 * Ownership  the file is its own from capture_file_open() to capture_file_close().
 * Memory     a few KB of the kernel's while it is opened.
 * Errors     an errno, positive. After the first one nothing is written any more.
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
	int fd; /* rte_pcapng's */
	int error;
	bool regular;
	off_t whole; /* where the last whole block ends */
	const bool
	        *cut; /* who set this does not wait: what was interrupted is not tried again */
};

/* ENXIO: a FIFO that nobody reads. */
int capture_file_open(struct capture_file *f, const char *path, const uint16_t *ports,
        unsigned nports, const bool *cut);
/* How many of them are in the file, which are the first; fewer than n: f->error. */
unsigned capture_file_write(struct capture_file *f, struct rte_mbuf **m, unsigned n);
void capture_file_stats(
        struct capture_file *f, uint16_t port, uint64_t received, uint64_t lost);
/* Some disks tell only now that they are full. */
void capture_file_flush(struct capture_file *f);
void capture_file_close(struct capture_file *f);

#endif
