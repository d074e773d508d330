/* SPDX-License-Identifier: BSD-3-Clause */
/* The files that a program leaves in EAL's folder, and those that it must leave there. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "start/runtime.h"

static char folder[] = "/tmp/handfast-runtime-XXXXXX";
static const char *const files[] = {"config", "fbarray_memzone", "fbarray_nohugemem",
        "hugepage_info", "mp_socket", "dpdk_telemetry.v2"};

#define FILES (sizeof(files) / sizeof(files[0]))

static void
make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	cr_assert_geq(fd, 0);
	close(fd);
}

static void
setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
	for (unsigned i = 0; i < FILES; i++)
		make(files[i]);
}

static void
teardown(void)
{
	char command[80];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(chdir("/"), 0);
	cr_assert_eq(system(command), 0);
}

TestSuite(runtime, .init = setup, .fini = teardown);

/* Another program, which holds a lock until it is killed. */
static pid_t
other_locks(const char *name, bool posix)
{
	struct flock part = {
	        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 8};
	int fds[2];
	pid_t child;
	char c;

	cr_assert_eq(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		int fd = open(name, O_RDWR);

		if ((posix ? fcntl(fd, F_SETLK, &part) : flock(fd, LOCK_SH)) == 0 &&
		        write(fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	cr_assert_eq(read(fds[0], &c, 1), 1);
	close(fds[0]);
	close(fds[1]);
	return child;
}

static void
end_other(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static bool
is_there(const char *name)
{
	return access(name, F_OK) == 0;
}

Test(runtime, all_goes_with_the_last_program)
{
	int fd = open("fbarray_memzone", O_RDWR); /* as EAL leaves it */

	cr_assert_eq(flock(fd, LOCK_SH), 0);
	runtime_remove(folder);
	cr_expect_not(is_there(folder));
	close(fd);
}

Test(runtime, of_another_primary_program_nothing_is_touched)
{
	pid_t other = other_locks("config", true);

	runtime_remove(folder);
	for (unsigned i = 0; i < FILES; i++)
		cr_expect(is_there(files[i]), "%s", files[i]);
	end_other(other);
}

Test(runtime, what_a_secondary_program_has_mapped_stays)
{
	pid_t other = other_locks("fbarray_nohugemem", false);

	runtime_remove(folder);
	cr_expect(is_there("fbarray_nohugemem"));
	cr_expect(is_there("config"));
	cr_expect_not(is_there("fbarray_memzone"));
	end_other(other);
}

/* A socket as EAL's telemetry has it. */
static void
listen_at(const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", name);
	cr_assert_eq(bind(s, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(listen(s, 1), 0);
}

/* --in-memory: there is no `config` that would tell. */
Test(runtime, the_telemetry_of_another_program_stays)
{
	int fds[2];
	pid_t other;
	char c;

	cr_assert_eq(unlink("config"), 0);
	cr_assert_eq(pipe(fds), 0);
	other = fork();
	if (other == 0) {
		listen_at("dpdk_telemetry.v2:1");
		if (write(fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	cr_assert_eq(read(fds[0], &c, 1), 1);
	cr_assert_eq(unlink("dpdk_telemetry.v2"), 0);
	listen_at("dpdk_telemetry.v2");
	runtime_remove(folder);
	cr_expect(is_there("dpdk_telemetry.v2:1"));
	cr_expect_not(is_there("dpdk_telemetry.v2"), "our own");
	end_other(other);
	runtime_remove(folder);
	cr_expect_not(is_there(folder));
}

Test(runtime, what_is_not_eals_stays)
{
	make("notes");
	runtime_remove(folder);
	cr_expect(is_there("notes"));
	cr_expect(is_there("config"));
}

Test(runtime, without_a_folder_there_is_nothing_to_do)
{
	runtime_remove(NULL);
	runtime_remove("");
	runtime_remove("/no/such/folder");
	cr_expect(is_there("config"));
}
