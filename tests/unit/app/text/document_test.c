/* SPDX-License-Identifier: BSD-3-Clause */
/* A document and all that its path may name. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "text/document.h"

#define NOBODY 65534

static char folder[] = "/tmp/handfast-document-XXXXXX";

static void
setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void
teardown(void)
{
	char command[80];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(chdir("/"), 0);
	cr_assert_eq(system(command), 0);
}

TestSuite(document, .init = setup, .fini = teardown);

static void
print(FILE *f, const void *text)
{
	fputs(text, f);
}

static void
make(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT, mode);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void
expect_holds(const char *path, const char *text)
{
	char got[64] = "";
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	cr_expect_geq(read(fd, got, sizeof(got) - 1), 0, "%s", path);
	cr_expect_str_eq(got, text, "%s: '%s'", path, got);
	close(fd);
}

static mode_t
type_of(const char *path)
{
	struct stat st = {.st_mode = 0};

	lstat(path, &st);
	return st.st_mode & S_IFMT;
}

static unsigned
names_in_folder(void)
{
	struct stat st;
	unsigned n;
	FILE *f = popen("ls -A | wc -l", "r");

	cr_assert_eq(fscanf(f, "%u", &n), 1);
	pclose(f);
	return stat(".", &st) == 0 ? n : 0;
}

/* Both must agree: 0, or an error whose words are in e. */
static void
expect_refused(const char *path, int err, const char *words)
{
	struct error e = {"", ""};

	cr_expect_eq(document_write(path, print, "new"), err, "%s", path);
	cr_expect_eq(document_check(path, &e), -EINVAL, "%s", path);
	cr_expect_not_null(strstr(e.what, words), "'%s' lacks '%s'", e.what, words);
}

static void
expect_written(const char *path)
{
	struct error e = {"", ""};

	cr_expect_eq(document_check(path, &e), 0, "%s", e.what);
	cr_expect_eq(document_write(path, print, "new"), 0, "%s", path);
}

Test(document, a_new_file_is_made_and_nothing_beside_it)
{
	umask(022);
	expect_written("report");
	expect_holds("report", "new");
	cr_expect_eq(names_in_folder(), 1);
}

Test(document, a_file_that_is_there_keeps_its_mode_and_owner)
{
	struct stat st;

	make("report", "old and longer", 0640);
	if (geteuid() == 0)
		cr_assert_eq(chown("report", NOBODY, NOBODY), 0);
	expect_written("report");
	expect_holds("report", "new");
	cr_assert_eq(stat("report", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0640);
	if (geteuid() == 0)
		cr_expect_eq(st.st_uid, NOBODY);
}

Test(document, whoever_reads_the_old_one_goes_on_reading_it)
{
	char got[8] = "";
	int fd;

	make("report", "old", 0600);
	fd = open("report", O_RDONLY);
	expect_written("report");
	cr_expect_eq(read(fd, got, sizeof(got) - 1), 3);
	cr_expect_str_eq(got, "old");
	close(fd);
}

Test(document, links_are_followed)
{
	cr_assert_eq(mkdir("a", 0700), 0);
	cr_assert_eq(mkdir("b", 0700), 0);
	make("b/report", "old", 0600);
	cr_assert_eq(symlink("../b/report", "a/first"), 0);
	cr_assert_eq(symlink("a/first", "link"), 0);
	expect_written("link");
	cr_expect_eq(type_of("link"), S_IFLNK);
	cr_expect_eq(type_of("a/first"), S_IFLNK);
	cr_expect_eq(type_of("b/report"), S_IFREG);
	expect_holds("b/report", "new");
}

Test(document, a_link_to_nothing_yet_is_followed)
{
	cr_assert_eq(mkdir("a", 0700), 0);
	cr_assert_eq(symlink("a/report", "link"), 0);
	expect_written("link");
	cr_expect_eq(type_of("link"), S_IFLNK);
	expect_holds("a/report", "new");
}

Test(document, a_link_to_itself_is_refused)
{
	cr_assert_eq(symlink("link", "link"), 0);
	expect_refused("link", -ELOOP, "symbolic links");
}

Test(document, a_fifo_is_written_into)
{
	int fd;

	cr_assert_eq(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDONLY | O_NONBLOCK);
	expect_written("fifo");
	cr_expect_eq(type_of("fifo"), S_IFIFO);
	expect_holds("fifo", "new");
	close(fd);
}

Test(document, a_fifo_without_a_reader_stops_no_turn)
{
	int err;

	cr_assert_eq(mkfifo("fifo", 0600), 0);
	err = document_write("fifo", print, "new");
	cr_expect_eq(err, -EPIPE);
	cr_expect_str_eq(document_why(err), "it is a FIFO without a reader");
	cr_expect_eq(type_of("fifo"), S_IFIFO);
}

Test(document, a_device_is_written_into)
{
	if (mknod("null", S_IFCHR | 0666, makedev(1, 3)) != 0)
		cr_skip_test("needs the right to make a device");
	expect_written("null");
	cr_expect_eq(type_of("null"), S_IFCHR);
}

Test(document, a_device_that_is_full_is_an_error)
{
	cr_assert_eq(symlink("/dev/full", "full"), 0);
	cr_expect_eq(document_write("full", print, "new"), -ENOSPC);
	cr_expect_eq(type_of("full"), S_IFLNK);
}

Test(document, a_disk_that_is_full_leaves_the_old_one)
{
	const struct rlimit none = {0, 0};

	make("report", "old", 0600);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	cr_expect_eq(document_write("report", print, "new"), -EFBIG);
	expect_holds("report", "old");
	cr_expect_eq(names_in_folder(), 1);
}

Test(document, a_socket_or_a_folder_is_refused)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "socket"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	expect_refused("socket", -EOPNOTSUPP, "'socket' cannot be written: it is a socket");
	cr_expect_eq(type_of("socket"), S_IFSOCK);
	close(fd);
	expect_refused(".", -EISDIR, "it is a folder");
	expect_refused("new/", -EISDIR, "it is a folder");
}

Test(document, a_folder_that_is_not_there_is_named)
{
	struct error e;

	expect_refused("no/report", -ENOENT, "no: No such file");
	document_check("no/report", &e);
	cr_expect_str_eq(e.fix, "mkdir -p no");
}

/* The rights are those of a user other than root. */
Test(document, where_the_folder_is_anothers_a_file_is_written_in_place)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");
	make("ours", "old", 0666);
	make("theirs", "old", 0444);
	cr_assert_eq(chmod(".", 0755), 0);
	cr_assert_eq(setresuid(NOBODY, NOBODY, 0), 0);
	expect_written("ours");
	expect_holds("ours", "new");
	expect_refused("theirs", -EACCES, "Permission denied");
	expect_holds("theirs", "old");
	expect_refused("another", -EACCES, ".: Permission denied");
	cr_assert_eq(setresuid(0, 0, 0), 0);
}

Test(document, a_dash_is_standard_output)
{
	int to = open("out", O_RDWR | O_CREAT, 0600);

	cr_assert_eq(dup2(to, STDOUT_FILENO), STDOUT_FILENO);
	cr_expect(document_is_stdout("-"));
	cr_expect(document_is_stdout("out"), "the same file");
	cr_expect_not(document_is_stdout("./-"));
	cr_expect_not(document_is_stdout(""));
	expect_written("-");
	expect_holds("out", "new");
	cr_expect_eq(names_in_folder(), 1);
}

/* Words for people do not stand between. */
Test(document, standard_output_may_be_for_documents_alone)
{
	int to = open("out", O_RDWR | O_CREAT, 0600);
	int err = open("err", O_RDWR | O_CREAT, 0600);

	cr_assert_eq(dup2(to, STDOUT_FILENO), STDOUT_FILENO);
	cr_assert_eq(dup2(err, STDERR_FILENO), STDERR_FILENO);
	document_claim_stdout();
	printf("said");
	fflush(stdout);
	expect_written("-");
	expect_written("out");
	expect_holds("out", "newnew");
	expect_holds("err", "said");
	cr_expect_eq(type_of("out"), S_IFREG);
}

/* The kernel's names of file 1 mean the documents' place still, and not stderr, which is
 * behind that number by then. */
Test(document, standard_output_keeps_its_names_when_it_is_claimed)
{
	int to = open("out", O_RDWR | O_CREAT, 0600);
	int err = open("err", O_RDWR | O_CREAT, 0600);

	cr_assert_eq(symlink("/dev/stdout", "link"), 0);
	cr_assert_eq(dup2(to, STDOUT_FILENO), STDOUT_FILENO);
	cr_assert_eq(dup2(err, STDERR_FILENO), STDERR_FILENO);
	document_claim_stdout();
	expect_written("/dev/stdout");
	expect_written("/dev/fd/1");
	expect_written("/proc/self/fd/1");
	expect_written("link");
	expect_holds("out", "newnewnewnew");
	expect_holds("err", "");
	cr_expect_not(document_is_stdout("/dev/stderr"));
}

Test(document, one_place_by_two_names)
{
	make("report", "old", 0600);
	cr_assert_eq(symlink("report", "link"), 0);
	cr_assert_eq(link("report", "hard"), 0);
	cr_assert_eq(symlink("new", "to-new"), 0);
	cr_expect(document_same("report", "report"));
	cr_expect(document_same("report", "link"));
	cr_expect(document_same("report", "hard"));
	cr_expect(document_same("new", "./new"));
	cr_expect(document_same("new", "to-new"));
	cr_expect(document_same("-", "-"));
	cr_expect_not(document_same("-", "report"));
	cr_expect_not(document_same("new", "report"));
	cr_expect_not(document_same("new", "other"));
	cr_expect_not(document_same("/dev/null", "/dev/null"));
}
