/* SPDX-License-Identifier: BSD-3-Clause */
/* Removal of the folder that EAL leaves behind. */
#include "start/runtime.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONFIG "config"

static bool
has_prefix(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* Locks `config`, so that no other primary program has it or gets it before this one ends.
 * POSIX locks belong to a process, so EAL's own lock does not conflict. Returns -1 if another
 * program holds the lock. Otherwise the file stays open, because closing it gives the lock up.
 */
static int
lock_config(int dir, bool *is_there)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = openat(dir, CONFIG, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	*is_there = fd >= 0 || errno != ENOENT;
	if (fd >= 0 && fcntl(fd, F_SETLK, &whole) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The descriptor under which this process has the file open; -1: it has not. */
static int
find_open_fd(const struct stat *file)
{
	DIR *d = opendir("/proc/self/fd");
	int found = -1;
	struct stat st;

	if (d == NULL)
		return -1;
	for (struct dirent *f; found < 0 && (f = readdir(d)) != NULL;) {
		int fd = atoi(f->d_name); /* ".." gives 0, which is never an array */

		if (fstat(fd, &st) == 0 && st.st_dev == file->st_dev &&
		        st.st_ino == file->st_ino)
			found = fd;
	}
	closedir(d);
	return found;
}

/* A program that has mapped an array holds a shared lock on its file. This program may hold
 * one too, after rte_eal_cleanup() and where EAL did not start; its own lock can become
 * exclusive. */
static bool
is_free(int dir, const char *name)
{
	struct stat st;
	bool is;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	fd = find_open_fd(&st);
	if (fd >= 0)
		return flock(fd, LOCK_EX | LOCK_NB) == 0;
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	is = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd >= 0)
		close(fd);
	return is;
}

/* Does another program listen on the socket? Programs that share no memory (--in-memory,
 * --no-shconf) share this folder: each has a telemetry socket there, and none a `config`. */
static bool
is_anothers(int dir, const char *name)
{
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t len = sizeof(peer);
	bool is;

	if (s < 0)
		return true;
	snprintf(at.sun_path, sizeof(at.sun_path), "/proc/self/fd/%d/%.64s", dir, name);
	if (connect(s, (struct sockaddr *)&at, sizeof(at)) != 0)
		is = errno != ECONNREFUSED;
	else
		is = getsockopt(s, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
		     peer.pid != getpid();
	close(s);
	return is;
}

/* Does the name say that a primary program's EAL made the file, and is the file unused? */
static bool
may_remove(int dir, const char *name)
{
	if (has_prefix(name, "dpdk_telemetry."))
		return !is_anothers(dir, name);
	if (has_prefix(name, "fbarray_"))
		return is_free(dir, name);
	return strcmp(name, "hugepage_info") == 0 || strcmp(name, "hugepage_data") == 0 ||
	       strcmp(name, "mp_socket") == 0;
}

/* Returns false if a file stays. */
static bool
remove_files(DIR *d)
{
	bool all = true;

	for (struct dirent *f; (f = readdir(d)) != NULL;) {
		if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0 ||
		        strcmp(f->d_name, CONFIG) == 0)
			continue;
		if (!may_remove(dirfd(d), f->d_name) || unlinkat(dirfd(d), f->d_name, 0) != 0)
			all = false;
	}
	return all;
}

/* `config` goes last: while it exists and is locked, no other program can start. */
void
runtime_remove(const char *folder)
{
	DIR *d = folder != NULL && folder[0] != '\0' ? opendir(folder) : NULL;
	bool is_there;
	int config;

	if (d == NULL)
		return;
	config = lock_config(dirfd(d), &is_there);
	if ((config >= 0 || !is_there) && flock(dirfd(d), LOCK_EX | LOCK_NB) == 0 &&
	        remove_files(d)) {
		if (is_there)
			unlinkat(dirfd(d), CONFIG, 0);
		rmdir(folder);
	}
	closedir(d);
	if (config >= 0)
		close(config);
}
