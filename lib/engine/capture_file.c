/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes a pcapng file through rte_pcapng, and keeps it whole when the disk is full. */
#include "engine/capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

#include "engine/compat.h"

static bool
is_cut(const struct capture_file *f)
{
	return __atomic_load_n(f->cut, __ATOMIC_ACQUIRE);
}

/* Write all bytes and add them to *done. The thread may hang here. */
static int
write_all(const struct capture_file *f, int fd, const char *bytes, size_t len, size_t *done)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	size_t at = 0;

	while (at < len) {
		ssize_t n = write(fd, bytes + at, len - at);

		/* another process made it non-blocking; the head does not wait */
		if (n < 0 && errno == EAGAIN && f->whole > 0)
			n = poll(&room, 1, -1) < 0 ? -1 : 0;
		if (n < 0 && (errno != EINTR || is_cut(f)))
			return errno;
		at += n > 0 ? (size_t)n : 0;
		*done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static void
cut_file_back(const struct capture_file *f)
{
	if (f->regular && ftruncate(f->fd, f->whole) == 0)
		lseek(f->fd, f->whole, SEEK_SET);
}

/* Copy blocks that rte_pcapng wrote into memory: it does not report a partial write. */
static int
copy_blocks(struct capture_file *f, int memory, int fd)
{
	char bytes[4096];
	size_t done = 0;
	ssize_t n;
	int err = 0;

	while (err == 0 && (n = pread(memory, bytes, sizeof(bytes), (off_t)done)) > 0)
		err = write_all(f, fd, bytes, (size_t)n, &done);
	if (err == 0)
		f->whole += (off_t)done;
	return err;
}

static int
open_target(struct capture_file *f, const char *path)
{
	/* a FIFO without a reader is an error, not a reason to wait */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0644);
	struct stat st;

	if (fd < 0)
		return -errno;
	f->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	return fd;
}

/* Write the section header and the interfaces. */
static int
make_head(struct capture_file *f, int memory, const uint16_t *ports, unsigned nports)
{
	f->pcapng = rte_pcapng_fdopen(memory, NULL, NULL, "handfast", NULL);
	if (f->pcapng == NULL)
		return ENOMEM;
	f->fd = memory;
	for (unsigned i = 0; i < nports; i++) {
		if (compat_pcapng_add_interface(f->pcapng, ports[i]) < 0)
			return rte_errno > 0 ? rte_errno : ENOMEM;
	}
	return 0;
}

/* Give the file the descriptor number that rte_pcapng writes to. */
static int
put_in_place(struct capture_file *f, int fd)
{
	int err = copy_blocks(f, f->fd, fd);

	if (err == 0 && dup3(fd, f->fd, O_CLOEXEC) < 0)
		err = errno;
	fcntl(fd, F_SETFL, O_WRONLY); /* from here on the thread may wait */
	if (err != 0 && f->regular && ftruncate(fd, 0) != 0)
		f->whole = 0; /* the file keeps its partial head */
	return err;
}

int
capture_file_open(struct capture_file *f, const char *path, const uint16_t *ports,
        unsigned nports, const bool *cut)
{
	struct stat st;
	bool is_new = lstat(path, &st) != 0;
	int memory = memfd_create("capture", MFD_CLOEXEC), fd, err;

	*f = (struct capture_file) {.fd = -1, .cut = cut};
	if (memory < 0)
		return errno;
	fd = open_target(f, path);
	err = fd < 0 ? -fd : make_head(f, memory, ports, nports);
	if (f->pcapng == NULL)
		close(memory);
	if (err == 0)
		err = put_in_place(f, fd);
	if (err != 0)
		capture_file_close(f);
	if (err != 0 && fd >= 0 && is_new)
		unlink(path);
	if (fd >= 0)
		close(fd);
	return err;
}

static size_t
length_of(const struct rte_mbuf *m)
{
	size_t len = 0;

	for (; m != NULL; m = m->next)
		len += m->data_len;
	return len;
}

/* Write the bytes of these packets that follow the first *done. */
static int
write_rest(const struct capture_file *f, struct rte_mbuf **m, unsigned n, size_t *done)
{
	size_t at = 0;

	for (unsigned i = 0; i < n; i++) {
		for (const struct rte_mbuf *s = m[i]; s != NULL;
		        at += s->data_len, s = s->next) {
			size_t skip = *done > at ? RTE_MIN(*done - at, s->data_len) : 0;
			int err = write_all(f, f->fd, rte_pktmbuf_mtod(s, char *) + skip,
			        s->data_len - skip, done);

			if (err != 0)
				return err;
		}
	}
	return 0;
}

/* The number of packets that are whole within the first `done` bytes. */
static unsigned
keep_whole(struct capture_file *f, struct rte_mbuf **m, unsigned n, size_t done)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		size_t len = length_of(m[i]);

		if (done < len)
			break;
		done -= len;
		f->whole += (off_t)len;
	}
	return i;
}

unsigned
capture_file_write(struct capture_file *f, struct rte_mbuf **m, unsigned n)
{
	size_t all = 0, done = 0;
	unsigned kept;
	ssize_t got;

	if (f->error != 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		all += length_of(m[i]);
	errno = 0;
	got = rte_pcapng_write_packets(f->pcapng, m, (uint16_t)n);
	if (got < 0 && errno != EINTR && errno != EAGAIN)
		f->error = errno != 0 ? errno : EIO;
	else if (got < 0 && is_cut(f))
		f->error = EINTR;
	done = got > 0 ? (size_t)got : 0;
	if (f->error == 0 && done < all)
		f->error = write_rest(f, m, n, &done);
	kept = keep_whole(f, m, n, done);
	if (f->error != 0)
		cut_file_back(f);
	return kept;
}

void
capture_file_stats(struct capture_file *f, uint16_t port, uint64_t received, uint64_t lost)
{
	int fd, memory;

	if (f->error != 0)
		return;
	fd = fcntl(f->fd, F_DUPFD_CLOEXEC, 0);
	memory = memfd_create("capture", MFD_CLOEXEC);
	if (fd >= 0 && memory >= 0 && dup3(memory, f->fd, O_CLOEXEC) >= 0) {
		compat_pcapng_write_stats(f->pcapng, port, received, lost);
		dup3(fd, f->fd, O_CLOEXEC);
		f->error = copy_blocks(f, memory, f->fd);
	}
	if (f->error != 0)
		cut_file_back(f);
	if (fd >= 0)
		close(fd);
	if (memory >= 0)
		close(memory);
}

void
capture_file_flush(struct capture_file *f)
{
	int fd = f->error == 0 ? fcntl(f->fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (fd >= 0 && close(fd) != 0 && errno != EINTR)
		f->error = errno;
}

void
capture_file_close(struct capture_file *f)
{
	if (f->pcapng != NULL)
		rte_pcapng_close(f->pcapng);
	f->pcapng = NULL;
}
