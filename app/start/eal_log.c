/* SPDX-License-Identifier: BSD-3-Clause */
/* The first lines of EAL's log, kept in memory. */
#include "start/eal_log.h"

#include <string.h>

#include <rte_log.h>

/* Adds a line or a part of one. The prefix "EAL: " is left out. */
static void
add_part(struct eal_log *log, const char *text, size_t len, bool ends)
{
	if (!log->midst && len >= 5 && strncmp(text, "EAL: ", 5) == 0) {
		text += 5;
		len -= 5;
	}
	if (!log->midst && len == 0)
		return;
	if (!log->midst && log->n < EAL_LOG_LINES)
		log->line[log->n++][0] = '\0';
	if (log->n > 0) {
		char *line = log->line[log->n - 1];
		size_t used = strlen(line), room = EAL_LOG_LINE - 1 - used;

		/* In a line beyond the last one that is kept, midst is never true. */
		memcpy(line + used, text, len < room ? len : room);
		line[used + (len < room ? len : room)] = '\0';
	}
	log->midst = !ends;
}

void
eal_log_add(struct eal_log *log, const char *text, size_t len)
{
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t part = end != NULL ? (size_t)(end - text) : len;

		if (log->midst || log->n < EAL_LOG_LINES)
			add_part(log, text, part, end != NULL);
		part += end != NULL;
		text += part;
		len -= part;
	}
}

static ssize_t
take_log_text(void *cookie, const char *text, size_t len)
{
	struct eal_log *log = cookie;

	if (rte_log_cur_msg_loglevel() <= (int)RTE_LOG_ERR)
		eal_log_add(log, text, len);
	if (log->aloud)
		fwrite(text, 1, len, stderr);
	return (ssize_t)len;
}

void
eal_log_open(struct eal_log *log, bool aloud)
{
	static const cookie_io_functions_t how = {.write = take_log_text};

	*log = (struct eal_log) {.aloud = aloud};
	log->stream = fopencookie(log, "w", how);
	if (log->stream == NULL)
		return;
	setvbuf(log->stream, NULL, _IONBF, 0);
	rte_openlog_stream(log->stream);
}

void
eal_log_close(struct eal_log *log)
{
	if (log->stream == NULL)
		return;
	rte_openlog_stream(NULL);
	fclose(log->stream);
	log->stream = NULL;
}
