/* SPDX-License-Identifier: BSD-3-Clause */
#include "text/document.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MOST 40 /* as the kernel */
#define BESIDE     "/.handfast-XXXXXX"

/* What a path stands for. */
struct place {
	enum {
		STANDARD, /* output */
		NOTHING,  /* yet */
		REGULAR,
		OTHER, /* is written into as it is */
	} kind;
	char path[PATH_MAX]; /* links followed, but of OTHER */
	struct stat st;      /* of REGULAR and OTHER */
};

static int claimed = -1; /* a process has one standard output */

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

/* The names of a terminal and of /dev/null are nobody's alone. */
static bool
is_our_stdout(const struct stat *st)
{
	struct stat out;

	return (S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode)) &&
	       fstat(claimed >= 0 ? claimed : STDOUT_FILENO, &out) == 0 &&
	       out.st_dev == st->st_dev && out.st_ino == st->st_ino;
}

/* Behind a link's name, its target: seen from the folder of the link. */
static int
follow(char path[PATH_MAX], const char *target)
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

/* There is nothing: perhaps at the end of links. */
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
		if (follow(p->path, target) != 0)
			return -ENAMETOOLONG;
	}
	return -ELOOP;
}

/* Is `path` itself, no link at its end followed, the kernel's name of our file 1? */
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

/* /dev/stdout and what leads there. Once it is claimed, that file is where the rest of what
 * is said goes, so the name decides. */
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
		if (follow(at, target) != 0)
			return false;
	}
	return is_file_one(at);
}

/* Its one name without links. A file that is open but has no name any more, as
 * /dev/fd/3 may be, is written in its place. */
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

/* Nothing yet: will it be one file? */
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

/* In the folder of the place; *beside is its path, to be freed. -1: errno. */
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

/* As open(2) would have made it, for mkstemp() lets nobody else read it; or as the one was
 * whose place it takes, as far as we may. */
static void
dress(int fd, const struct place *p)
{
	mode_t mask;

	if (p->kind == REGULAR) {
		if (fchown(fd, p->st.st_uid, p->st.st_gid) != 0)
			errno = 0; /* root's right */
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

/* Into what is there. A FIFO that nobody reads must not stop us. */
static int
write_into(const struct place *p, document_fn print, const void *what)
{
	int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = open(p->path, flags | (S_ISREG(p->st.st_mode) ? O_TRUNC : 0));

	if (fd < 0)
		return errno == ENXIO && S_ISFIFO(p->st.st_mode) ? -EPIPE : -errno;
	fcntl(fd, F_SETFL, O_WRONLY); /* but one who reads may take a while */
	return print_whole(fd, print, what);
}

/* Beside it, and renamed. *in_place: that cannot be, but the file itself can be written: its
 * folder is another's, or it is a mount of its own. */
static int
replace(const struct place *p, document_fn print, const void *what, bool *in_place)
{
	char *beside;
	int fd = create_beside(p, &beside), err;

	*in_place = fd < 0 && p->kind == REGULAR;
	if (fd < 0)
		return -errno;
	dress(fd, p);
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
		return "nobody reads it";
	if (err == EOPNOTSUPP)
		return "it is a socket";
	if (err == EISDIR)
		return "it is a folder";
	return strerror(err);
}

/* Can a file be made in its folder? Tried, for there are more reasons than rights. */
static int
try_beside(const struct place *p)
{
	char *beside;
	int fd = create_beside(p, &beside);

	if (fd < 0)
		return p->kind == REGULAR ? 0 : -errno; /* that one is written in place */
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
