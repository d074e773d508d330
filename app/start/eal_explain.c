/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL's log lines translated to a cause and a fix. */
#include "start/eal_explain.h"

#include <ctype.h>
#include <string.h>

#include "start/options.h"

#define AFTER_CAUSE  2 /* lines, at most */
#define DEVICE_LINES 4

/* The cause and the fix for a line of EAL's log. The first rule that matches is used. */
static const struct rule {
	const char *word; /* stands in the line */
	bool limited;     /* the rule holds only when ulimit -v is set */
	const char *what; /* is printed instead of the line; NULL: the line itself is */
	const char *fix;
} rules[] = {
        {"another primary process", false, "another DPDK program has the same file prefix",
                "add --file-prefix=NAME before `--`, or end the other program"},
        {"Error creating '", false, NULL,
                "RUNTIME_DIRECTORY=DIR in front of the command, with a folder that can be written"},
        {"runtime directory", false, NULL,
                "RUNTIME_DIRECTORY=DIR in front of the command, with a folder that can be written"},
        {"thread", false, NULL,
                "ulimit -u unlimited; in a container or a service a higher limit of tasks (--pids-limit, TasksMax=)"},
        {"virtual area", true, NULL, "ulimit -v unlimited"},
        {"failed to map segment", true, NULL, "ulimit -v unlimited"},
        {"Cannot allocate memory", true, NULL, "ulimit -v unlimited"},
        {"Permission denied", false, NULL, "sudo handfast ..."},
        {"Operation not permitted", false, NULL, "sudo handfast ..."},
        {"No space left on device", false, NULL,
                "free space in the folder that is full: df -h /run /dev/shm /dev/hugepages"},
        {"memory", false, NULL, "use less memory: -m 512"},
        {"memseg list", false, NULL, "use less memory: -m 512"},
        {"hugepage", false, NULL,
                "use less memory: -m 512, or use no hugepages: --no-huge -m 512"},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

/* EAL's options, by the word that stands in the line that refuses their value. */
static const struct {
	const char *word, *option, *shown, *fix;
} values[] = {
        {"core list", "corelist", "-l", "give cores as in -l 0-3 or -l 0,2"},
        {"coremask", "coremask", "-c", "give a hexadecimal mask as in -c 0x5"},
        {"--lcores", "lcores", "--lcores",
                "--lcores 0-3, or with the CPU of each core: --lcores 0@0,(1-2)@1"},
        {"Main lcore", "main-lcore", "--main-lcore",
                "--main-lcore with one of the cores of -l"},
        {"--iova-mode", "iova-mode", "--iova-mode", "--iova-mode=va, or --iova-mode=pa"},
        {"process type", "proc-type", "--proc-type", "--proc-type=primary, or leave it out"},
};

#define VALUES (sizeof(values) / sizeof(values[0]))

static const char *
value_of(const struct eal_failure *f, const char *option)
{
	for (int i = 1, next; i < f->argc; i = next) {
		const char *value = eal_option_at(f->argc, f->argv, i, option, &next);

		if (value != NULL)
			return value;
	}
	return NULL;
}

/* The line that names the cause; NULL if the log is empty. The cause is among the last lines:
 * earlier lines tell of failures that EAL recovered from. */
static const char *
cause_of(const struct eal_log *log)
{
	unsigned at = log->n > AFTER_CAUSE ? log->n - 1 - AFTER_CAUSE : 0;

	while (at + 1 < log->n && eal_explain_is_noise(log->line[at]))
		at++;
	return at < log->n ? log->line[at] : NULL;
}

static int
wrong_value(const struct eal_failure *f, const char *line, struct error *e)
{
	for (unsigned i = 0; i < VALUES; i++) {
		const char *value = value_of(f, values[i].option);

		if (strstr(line, values[i].word) == NULL || value == NULL)
			continue;
		error_set(e, 0, "EAL refuses '%s %s': %s", values[i].shown, value, line);
		return error_fix(e, EXIT_USAGE, "%s", values[i].fix);
	}
	error_set(e, 0, "EAL did not start: %s", line);
	return error_fix(e, EXIT_USAGE,
	        "check the values of EAL's options; --log-level=debug shows more");
}

/* The line names what EAL could not create without a file descriptor, for example the pipe of
 * a thread. */
static int
set_no_files(const char *line, struct error *e)
{
	error_set(e, 0, "EAL did not start: the limit of open files is reached: %s", line);
	return error_fix(e, EXIT_ENVIRONMENT, "ulimit -n 1024");
}

int
eal_explain(const struct eal_failure *f, struct error *e)
{
	const char *line = cause_of(f->log);

	if (line == NULL)
		line = f->err != 0 ? strerror(f->err) : "EAL printed no reason";
	if (f->files)
		return set_no_files(line, e);
	if (f->usage)
		return wrong_value(f, line, e);
	for (const struct rule *r = rules; r < rules + RULES; r++) {
		if (strstr(line, r->word) == NULL || (r->limited && !f->limited))
			continue;
		error_set(e, 0, "EAL did not start: %s", r->what != NULL ? r->what : line);
		return error_fix(e, EXIT_ENVIRONMENT, "%s", r->fix);
	}
	error_set(e, 0, "EAL did not start: %s", line);
	return error_fix(e, EXIT_ENVIRONMENT, "--log-level=debug shows more");
}

bool
eal_explain_is_noise(const char *line)
{
	static const char *const noise[] = {
	        "qdisc", "Disabling rte flow support", "RSS RETA with zero size"};

	for (unsigned i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
		if (strstr(line, noise[i]) != NULL)
			return true;
	return false;
}

/* "set_mac_type(): text": returns the text. */
static const char *
without_function(const char *line)
{
	const char *p = line;

	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	return p > line && strncmp(p, "(): ", 4) == 0 ? p + 4 : line;
}

/* Lines that only repeat that a device failed. */
static bool
is_repetition(const char *line)
{
	return strstr(line, "Unable to initialize") != NULL ||
	       strstr(line, "Failed to create pmd") != NULL ||
	       strstr(line, "ailed to initialize ") != NULL ||
	       strstr(line, " probe failed") != NULL;
}

/* "vdev_probe(): failed to initialize net_tap0 device" ends the lines about a device. */
static unsigned
end_of_device(const struct eal_log *log, const char *device)
{
	char end[EAL_LOG_LINE];

	snprintf(end, sizeof(end), "failed to initialize %.64s device", device);
	for (unsigned i = 0; i < log->n; i++)
		if (strstr(log->line[i], end) != NULL)
			return i;
	return 0;
}

const char *
eal_explain_device(const struct eal_log *log, const char *device, char *text, size_t size)
{
	unsigned end = end_of_device(log, device), from = end;
	size_t used = 0;

	while (from > 0 && end - from < DEVICE_LINES &&
	        strstr(log->line[from - 1], "failed to initialize") == NULL)
		from--;
	text[0] = '\0';
	for (unsigned i = 0; i < log->n && used < size; i++) {
		const char *line = without_function(log->line[i]);
		bool of_it = end > 0 ? i >= from && i < end : strstr(line, device) != NULL;

		if (!of_it || is_repetition(line) || eal_explain_is_noise(line))
			continue;
		used += (size_t)snprintf(
		        text + used, size - used, "%s%s", used > 0 ? "; " : "", line);
	}
	return text;
}
