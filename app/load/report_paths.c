/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/report_paths.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MOST 40 /* as the kernel follows */

/* Where a file is, or would be made. */
struct place {
	struct stat folder;
	char name[NAME_MAX + 1];
};

/* path becomes what the link there says. False: it is none. */
static bool
follow(char path[PATH_MAX])
{
	char target[PATH_MAX], folder[PATH_MAX], whole[2 * PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n <= 0)
		return false;
	target[n] = '\0';
	snprintf(folder, sizeof(folder), "%s", path);
	if (target[0] == '/')
		snprintf(whole, sizeof(whole), "%s", target);
	else
		snprintf(whole, sizeof(whole), "%s/%s", dirname(folder), target);
	if (strlen(whole) >= PATH_MAX)
		return false;
	memcpy(path, whole, strlen(whole) + 1);
	return true;
}

static bool
find_place(const char *path, struct place *p)
{
	char at[PATH_MAX], copy[PATH_MAX];
	unsigned links = 0;

	if (strlen(path) >= sizeof(at))
		return false;
	snprintf(at, sizeof(at), "%s", path);
	while (links < LINKS_MOST && follow(at))
		links++;
	memcpy(copy, at, sizeof(copy));
	snprintf(p->name, sizeof(p->name), "%s", basename(copy));
	memcpy(copy, at, sizeof(copy));
	return stat(dirname(copy), &p->folder) == 0;
}

static bool
same_node(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool
report_paths_same(const char *a, const char *b)
{
	struct stat of_a, of_b;
	struct place at_a, at_b;

	if (strcmp(a, b) == 0)
		return true;
	if (stat(a, &of_a) == 0 && stat(b, &of_b) == 0)
		return same_node(&of_a, &of_b) && !S_ISCHR(of_a.st_mode) &&
		       !S_ISBLK(of_a.st_mode);
	return find_place(a, &at_a) && find_place(b, &at_b) &&
	       same_node(&at_a.folder, &at_b.folder) && strcmp(at_a.name, at_b.name) == 0;
}
