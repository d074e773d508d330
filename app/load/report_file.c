/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/report.h"

typedef void (*print_fn)(FILE *f, const json_t *doc);

/* The file is written beside its place and renamed: its folder is what counts. */
int
load_report_file_check(const char *path, struct error *e)
{
	const char *mend = "name a file in a folder that you may write to";
	char copy[LOAD_FILE], *folder;
	struct stat st;

	if (path[0] == '\0')
		return 0;
	snprintf(copy, sizeof(copy), "%s", path);
	folder = dirname(copy);
	if (access(folder, W_OK | X_OK) != 0) {
		error_set(
		        e, 0, "'%s' cannot be written: %s: %s", path, folder, strerror(errno));
		return error_mend(e, -EINVAL, "%s", mend);
	}
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		error_set(e, 0, "'%s' cannot be written: it is a folder", path);
		return error_mend(e, -EINVAL, "%s", mend);
	}
	return 0;
}

/* The buckets make it long: one line, 15 digits (0.1 stays 0.1). */
static void
print_json(FILE *f, const json_t *doc)
{
	json_dumpf(doc, f, JSON_COMPACT | JSON_REAL_PRECISION(15));
	fputc('\n', f);
}

/* As open(2) would have made it: mkstemp() lets nobody else read it. */
static FILE *
create_beside(const char *path, char **beside)
{
	FILE *f = NULL;
	mode_t mask;
	int fd;

	if (asprintf(beside, "%s.XXXXXX", path) < 0) {
		*beside = NULL;
		errno = ENOMEM;
		return NULL;
	}
	if ((fd = mkstemp(*beside)) < 0)
		return NULL;
	umask(mask = umask(0));
	if (fchmod(fd, 0666 & ~mask) != 0 || (f = fdopen(fd, "w")) == NULL) {
		close(fd);
		unlink(*beside);
	}
	return f;
}

static int
print_whole(FILE *f, print_fn print, const json_t *doc)
{
	bool bad;

	errno = 0;
	print(f, doc);
	bad = ferror(f) != 0;
	if (fclose(f) != 0 || bad)
		return errno != 0 ? -errno : -EIO;
	return 0;
}

/* A reader sees the old file or the new one, never a half. */
static int
write_file(const char *path, print_fn print, const json_t *doc)
{
	char *beside;
	FILE *f = create_beside(path, &beside);
	int rc;

	if (f == NULL) {
		rc = -errno;
		free(beside);
		return rc;
	}
	rc = print_whole(f, print, doc);
	if (rc == 0 && rename(beside, path) != 0)
		rc = -errno;
	if (rc != 0)
		unlink(beside);
	free(beside);
	return rc;
}

int
load_report_write_json(const char *path, const json_t *doc)
{
	return write_file(path, print_json, doc);
}

int
load_report_write_html(const char *path, const json_t *doc)
{
	return write_file(path, load_report_html, doc);
}
