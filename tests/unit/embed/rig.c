/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts EAL without hugepages, makes small engines, and reads standard error. */
#include "rig.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emulated.h"

struct hf_port_conf rig_port = {.addr = OUR_ADDR, .netmask = MASK};

void
rig_start_eal_on(char *lcores)
{
	static char prefix[64];
	char *argv[] = {"test", "--lcores", lcores, "--no-huge", "-m", "96", "--no-pci",
	        "--no-telemetry", prefix, "--vdev=net_null0,no-rx=1", "--log-level=error"};

	skip_if_emulated("EAL maps memory as the host has it");
	snprintf(prefix, sizeof(prefix), "--file-prefix=hf-unit-%d", (int)getpid());
	cr_assert_geq(hf_eal_start(sizeof(argv) / sizeof(*argv), argv), 0);
}

void
rig_start_eal(void)
{
	rig_start_eal_on("0");
}

struct hf_engine_conf
rig_conf(void)
{
	return (struct hf_engine_conf) {
	        .size = sizeof(struct hf_engine_conf),
	        .nports = 1,
	        .ports = &rig_port,
	        .packets = 2047,
	        .max_conns = 64,
	};
}

struct hf_engine *
rig_engine(struct hf_engine_conf conf)
{
	struct hf_engine *e = NULL;

	cr_assert_eq(hf_engine_create(&e, &conf), 0);
	cr_assert_not_null(e);
	return e;
}

void
rig_end(struct hf_engine *e)
{
	hf_engine_destroy(e);
	hf_eal_stop();
}

int
rig_create(struct hf_engine_conf conf)
{
	struct hf_engine *e = NULL;
	int err = hf_engine_create(&e, &conf);

	cr_expect_null(e);
	return err;
}

/* Standard error of a test. */
static int said_fd;

void
rig_hear_stderr(void)
{
	FILE *f = tmpfile();

	cr_assert_not_null(f);
	said_fd = fileno(f);
	cr_assert_geq(dup2(said_fd, STDERR_FILENO), 0);
}

const char *
rig_said(void)
{
	static char text[1024];
	static off_t at;
	ssize_t n;

	fflush(stderr);
	n = pread(said_fd, text, sizeof(text) - 1, at);
	text[n > 0 ? n : 0] = '\0';
	at += n > 0 ? n : 0;
	return text;
}

void
rig_expect_line(const char *words)
{
	const char *text = rig_said(), *end_of_line = strchr(text, '\n');

	cr_expect_not_null(strstr(text, words), "'%s' is not in '%s'", words, text);
	cr_expect(end_of_line != NULL && end_of_line[1] == '\0', "one line: %s", text);
}
