/* SPDX-License-Identifier: BSD-3-Clause */
/* memory_file: bytes under a path, for code that reads files. There is one at a time. */
#ifndef FUZZ_MEMORY_FILE_H
#define FUZZ_MEMORY_FILE_H

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "must.h"

/* Its owner's alone. Good until the next one is made. */
static inline const char *
memory_file(const void *bytes, size_t len)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		must(fd >= 0 && fchmod(fd, 0600) == 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	must(ftruncate(fd, 0) == 0);
	must(pwrite(fd, bytes, len, 0) == (ssize_t)len);
	return path;
}

#endif
