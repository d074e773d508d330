/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a document goes, and how it gets there as a whole. */
#include "text/document.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MOST 40 /* the kernel's limit */
#define BESIDE     "/.handfast-XXXXXX"

/* The kind of file behind a path. */
struct place {
	enum {
		STANDARD, /* output */
		NOTHING,  /* exists there yet */
		REGULAR,
		OTHER, /* a device or a FIFO: document_write() opens it and writes */
	} kind;
	char path[PATH_MAX]; /* links are followed, except for OTHER */
	struct stat st;      /* only for REGULAR and OTHER */
};

/* A global variable, because a process has one standard output. */
static int claimed = -1;

void
document_claim_stdout(void)
{
	if (claimed >= 0)
		return;
	fflush(stdout);
	claimed = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (claimed >= 0)
		dup2(STDERR_FILENO, STDOUT_FILENO);
}

/* A terminal and /dev/null do not count: other programs write there as well. */
static bool
is_our_stdout(const struct stat *st)
{
	struct stat out;

	return (S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode)) &&
	       fstat(claimed >= 0 ? claimed : STDOUT_FILENO, &out) == 0 &&
	       out.st_dev == st->st_dev && out.st_ino == st->st_ino;
}

/* Replaces the path of a link by the path of its target. A relative target starts at the
 * folder of the link. */
static int
follow_link(char path[PATH_MAX], const char *target)
{
	char copy[PATH_MAX], joined[2 * PATH_MAX];
	int n;

	snprintf(copy, sizeof(copy), "%s", path);
	n = snprintf(joined, sizeof(joined), "%s%s%s", target[0] == '/' ? "" : dirname(copy),
	        target[0] == '/' ? "" : "/", target);
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(path, joined, (size_t)n + 1);
	return 0;
}

/* Nothing exists at the path. The path may be a link whose target is missing. */
static int
find_nothing(struct place *p)
{
	char target[PATH_MAX];

	p->kind = NOTHING;
	for (unsigned i = 0; i < LINKS_MOST; i++) {
		size_t len = strlen(p->path);
		ssize_t n;

		if (len == 0 || p->path[len - 1] == '/')
			return -EISDIR;
		n = readlink(p->path, target, sizeof(target) - 1);
		if (n < 0)
			return 0;
		target[n] = '\0';
		if (follow_link(p->path, target) != 0)
			return -ENAMETOOLONG;
	}
	return -ELOOP;
}

/* Is `path` the kernel's name of this process's file 1? A link at its end is not followed. */
static bool
is_file_one(const char *path)
{
	char copy[PATH_MAX], own[40];
	char *folder;
	bool is;

	strcpy(copy, path);
	if (strcmp(basename(copy), "1") != 0)
		return false;
	strcpy(copy, path);
	folder = realpath(dirname(copy), NULL);
	snprintf(own, sizeof(own), "/proc/%d/fd", getpid());
	is = folder != NULL && strcmp(folder, own) == 0;
	free(folder);
	return is;
}

/* /dev/stdout, and each link to it. The name decides: once standard output is claimed, file 1
 * leads to stderr, so its device and inode no longer tell. */
static bool
names_stdout(const char *path)
{
	char at[PATH_MAX], target[PATH_MAX];

	strcpy(at, path);
	for (unsigned i = 0; i < LINKS_MOST && !is_file_one(at); i++) {
		ssize_t n = readlink(at, target, sizeof(target) - 1);

		if (n < 0)
			return false;
		target[n] = '\0';
		if (follow_link(at, target) != 0)
			return false;
	}
	return is_file_one(at);
}

/* Finds the name without links. An open file may have lost its name (/dev/fd/3 of a deleted
 * file); it is written in place. */
static void
find_regular(struct place *p)
{
	char *real = realpath(p->path, NULL);
	struct stat st;

	p->kind = OTHER;
	if (real != NULL && strlen(real) < PATH_MAX && stat(real, &st) == 0 &&
	        st.st_dev == p->st.st_dev && st.st_ino == p->st.st_ino) {
		p->kind = REGULAR;
		strcpy(p->path, real);
	}
	free(real);
}

static int
find_place(struct place *p, const char *path)
{
	p->kind = STANDARD;
	if (strcmp(path, "-") == 0)
		return 0;
	if (path[0] == '\0')
		return -ENOENT;
	if (snprintf(p->path, sizeof(p->path), "%s", path) >= (int)sizeof(p->path))
		return -ENAMETOOLONG;
	if (names_stdout(p->path))
		return 0;
	if (stat(path, &p->st) != 0)
		return errno == ENOENT ? find_nothing(p) : -errno;
	if (is_our_stdout(&p->st))
		return 0;
	if (S_ISDIR(p->st.st_mode))
		return -EISDIR;
	if (S_ISSOCK(p->st.st_mode))
		return -EOPNOTSUPP;
	if (access(path, W_OK) != 0)
		return -errno;
	p->kind = OTHER;
	if (S_ISREG(p->st.st_mode))
		find_regular(p);
	return 0;
}

bool
document_is_stdout(const char *path)
{
	struct place p;

	return path[0] != '\0' && find_place(&p, path) == 0 && p.kind == STANDARD;
}

/* Neither file exists yet: will both paths name the same one? */
static bool
same_name(const char *a, const char *b)
{
	char x[PATH_MAX], y[PATH_MAX];
	struct stat s, t;

	strcpy(x, a);
	strcpy(y, b);
	if (strcmp(basename(x), basename(y)) != 0)
		return false;
	strcpy(x, a);
	strcpy(y, b);
	return stat(dirname(x), &s) == 0 && stat(dirname(y), &t) == 0 && s.st_dev == t.st_dev &&
	       s.st_ino == t.st_ino;
}

bool
document_same(const char *a, const char *b)
{
	struct place x, y;

	if (find_place(&x, a) != 0 || find_place(&y, b) != 0)
		return strcmp(a, b) == 0;
	if (x.kind == STANDARD || y.kind == STANDARD)
		return x.kind == y.kind;
	if (x.kind == NOTHING || y.kind == NOTHING)
		return x.kind == y.kind && same_name(x.path, y.path);
	return !S_ISCHR(x.st.st_mode) && x.st.st_dev == y.st.st_dev &&
	       x.st.st_ino == y.st.st_ino;
}

/* Creates a file in the folder of the place. The caller frees *beside, its path. Returns -1
 * and sets errno on failure. */
static int
create_beside(const struct place *p, char **beside)
{
	char copy[PATH_MAX];
	int fd;

	strcpy(copy, p->path);
	if (asprintf(beside, "%s" BESIDE, dirname(copy)) < 0) {
		*beside = NULL;
		errno = ENOMEM;
		return -1;
	}
	fd = mkostemp(*beside, O_CLOEXEC);
	if (fd < 0) {
		free(*beside);
		*beside = NULL;
	}
	return fd;
}

/* mkostemp() gives a mode that only the owner can read. The file gets the owner and the mode
 * of the file that it replaces, as far as the process may set them. A new file gets the mode
 * that open(2) would give it. */
static void
set_owner_and_mode(int fd, const struct place *p)
{
	mode_t mask;

	if (p->kind == REGULAR) {
		if (fchown(fd, p->st.st_uid, p->st.st_gid) != 0)
			errno = 0; /* only root may */
		fchmod(fd, p->st.st_mode & 07777);
		return;
	}
	umask(mask = umask(0));
	fchmod(fd, 0666 & ~mask);
}

/* Closes fd. */
static int
print_whole(int fd, document_fn print, const void *what)
{
	FILE *f = fdopen(fd, "w");
	bool bad;

	if (f == NULL) {
		close(fd);
		return -ENOMEM;
	}
	errno = 0;
	print(f, what);
	bad = fflush(f) != 0 || ferror(f) != 0;
	if (bad && errno == 0)
		errno = EIO;
	if (bad) {
		int err = -errno;

		fclose(f);
		return err;
	}
	return fclose(f) != 0 ? -errno : 0;
}

/* Writes to the existing file. Opening does not block: a FIFO without a reader must not stop
 * the program. */
static int
write_into(const struct place *p, document_fn print, const void *what)
{
	int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = open(p->path, flags | (S_ISREG(p->st.st_mode) ? O_TRUNC : 0));

	if (fd < 0)
		return errno == ENXIO && S_ISFIFO(p->st.st_mode) ? -EPIPE : -errno;
	fcntl(fd, F_SETFL, O_WRONLY); /* writing blocks: a slow reader gets all bytes */
	return print_whole(fd, print, what);
}

/* Writes a file beside the old one and renames it. *in_place is set when that fails but the
 * old file can be written: its folder is not writable, or the file is a mount point. */
static int
replace(const struct place *p, document_fn print, const void *what, bool *in_place)
{
	char *beside;
	int fd = create_beside(p, &beside), err;

	*in_place = fd < 0 && p->kind == REGULAR;
	if (fd < 0)
		return -errno;
	set_owner_and_mode(fd, p);
	err = print_whole(fd, print, what);
	if (err == 0 && rename(beside, p->path) != 0) {
		err = -errno;
		*in_place = p->kind == REGULAR;
	}
	if (err != 0)
		unlink(beside);
	free(beside);
	return err;
}

static int
write_stdout(document_fn print, const void *what)
{
	int fd;

	if (claimed < 0) {
		print(stdout, what);
		return fflush(stdout) != 0 ? -errno : 0;
	}
	fd = fcntl(claimed, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd < 0 ? -errno : print_whole(fd, print, what);
}

int
document_write(const char *path, document_fn print, const void *what)
{
	struct place p;
	bool in_place;
	int err = find_place(&p, path);

	if (err != 0)
		return err;
	if (p.kind == STANDARD)
		return write_stdout(print, what);
	if (p.kind == OTHER)
		return write_into(&p, print, what);
	err = replace(&p, print, what, &in_place);
	return err != 0 && in_place ? write_into(&p, print, what) : err;
}

const char *
document_why(int err)
{
	err = err < 0 ? -err : err;
	if (err == EPIPE)
		return "it is a FIFO without a reader";
	if (err == EOPNOTSUPP)
		return "it is a socket";
	if (err == EISDIR)
		return "it is a folder";
	return strerror(err);
}

/* Can a file be created in the folder of the place? The function tries it, because access(2)
 * knows only some of the reasons for a failure. */
static int
try_beside(const struct place *p)
{
	char *beside;
	int fd = create_beside(p, &beside);

	if (fd < 0)
		return p->kind == REGULAR ? 0 : -errno; /* a REGULAR file is written in place */
	close(fd);
	unlink(beside);
	free(beside);
	return 0;
}

int
document_check(const char *path, struct error *e)
{
	struct place p;
	int err = find_place(&p, path);
	bool of_folder = err == 0 && p.kind == NOTHING;
	const char *folder;

	if (err == 0 && (p.kind == NOTHING || p.kind == REGULAR))
		err = try_beside(&p);
	if (err == 0)
		return 0;
	folder = of_folder ? dirname(p.path) : "";
	error_set(e, 0, "'%s' cannot be written: %s%s%s", path, folder, of_folder ? ": " : "",
	        document_why(err));
	if (of_folder && err == -ENOENT)
		return error_fix(e, -EINVAL, "mkdir -p %s", folder);
	return error_fix(e, -EINVAL, "name a file in a folder that you may write to");
}
