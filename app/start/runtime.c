/* SPDX-License-Identifier: BSD-3-Clause */
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
begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* No other primary program has it, nor gets it before this one ends: POSIX locks are a
 * process's, so that EAL's own does not stand in the way. -1: there is one; else the file,
 * which stays open, for closing it would give the lock up. */
static int
take_config(int dir, bool *is_there)
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

/* Under which number this process has it open; -1: it has not. */
static int
ours(const struct stat *file)
{
	DIR *d = opendir("/proc/self/fd");
	int found = -1;
	struct stat st;

	if (d == NULL)
		return -1;
	for (struct dirent *f; found < 0 && (f = readdir(d)) != NULL;) {
		int fd = atoi(f->d_name); /* "..": 0, which is no array */

		if (fstat(fd, &st) == 0 && st.st_dev == file->st_dev &&
		        st.st_ino == file->st_ino)
			found = fd;
	}
	closedir(d);
	return found;
}

/* Whoever has mapped an array holds a shared lock on its file; so may we, after
 * rte_eal_cleanup() and where EAL did not start. That one can become exclusive. */
static bool
is_free(int dir, const char *name)
{
	struct stat st;
	bool is;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	fd = ours(&st);
	if (fd >= 0)
		return flock(fd, LOCK_EX | LOCK_NB) == 0;
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	is = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd >= 0)
		close(fd);
	return is;
}

/* Does another program listen there? Those that share no memory (--in-memory, --no-shconf)
 * share this folder, with a socket of telemetry each and without a `config`. */
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

/* By its name, is it EAL's, and a primary program's? */
static bool
may_go(int dir, const char *name)
{
	if (begins(name, "dpdk_telemetry."))
		return !is_anothers(dir, name);
	if (begins(name, "fbarray_"))
		return is_free(dir, name);
	return strcmp(name, "hugepage_info") == 0 || strcmp(name, "hugepage_data") == 0 ||
	       strcmp(name, "mp_socket") == 0;
}

/* False: something stays. */
static bool
remove_files(DIR *d)
{
	bool all = true;

	for (struct dirent *f; (f = readdir(d)) != NULL;) {
		if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0 ||
		        strcmp(f->d_name, CONFIG) == 0)
			continue;
		if (!may_go(dirfd(d), f->d_name) || unlinkat(dirfd(d), f->d_name, 0) != 0)
			all = false;
	}
	return all;
}

/* `config` last: while it is there and locked, no other program begins. */
void
runtime_remove(const char *folder)
{
	DIR *d = folder != NULL && folder[0] != '\0' ? opendir(folder) : NULL;
	bool is_there;
	int config;

	if (d == NULL)
		return;
	config = take_config(dirfd(d), &is_there);
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
