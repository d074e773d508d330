/* SPDX-License-Identifier: BSD-3-Clause */
/* In test programs for another CPU: Criterion runs each test in a copy of its program,
 * which it starts by execve(). The kernel knows the emulator only through binfmt_misc, which
 * needs root and changes the whole machine. So the emulator is put in front here. */
#include <errno.h>
#include <unistd.h>

#define ARGS_MAX 64

/* In place of the library's. */
int
execve(const char *path, char *const argv[], char *const envp[])
{
	const char *args[ARGS_MAX + 3] = {EMULATOR, path};

	for (unsigned i = 1; argv[0] != NULL && argv[i] != NULL; i++) {
		if (i == ARGS_MAX) {
			errno = E2BIG;
			return -1;
		}
		args[i + 1] = argv[i];
	}
	return execvpe(EMULATOR, (char *const *)args, envp);
}
