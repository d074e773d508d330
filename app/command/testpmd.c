/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of testpmd's commands and their counterparts. */
#include "command/testpmd.h"

#include <stdio.h>
#include <string.h>

/* '*' stands for any word; '$' is replaced by that word. */
static const struct {
	const char *there, *here;
} commands[] = {
        {"show port info *", "show port $"},
        {"show port stats *", "show port $"},
        {"show port xstats *", "show port $"},
        {"show port summary *", "show port $"},
        {"show port * rss-hash", "show port $"},
        {"show fwd stats *", "show lcore"},
        {"show config fwd", "show config"},
        {"show config cores", "show lcore"},
        {"show config rxtx", "show port all"},
        {"clear port info *", "clear stats"},
        {"clear port stats *", "clear stats"},
        {"clear port xstats *", "clear stats"},
        {"clear fwd stats *", "clear stats"},
        {"port start *", "start"},
        {"port stop *", "stop"},
        {"port close *", "stop, and --ports LIST behind `--` without it"},
        {"port attach *", "--vdev=$ or -a $ before `--`"},
        {"port detach *", "--ports LIST behind `--` without it"},
        {"start tx_first", "start"},
        {"start tx_first *", "start"},
        {"set fwd *", "set listen ADDR:PORT SERVICE, or load URL"},
        {"set verbose *", "capture start FILE"},
        {"set nbcore *", "-l before `--`, with one core more than the number of workers"},
        {"set coremask *", "-c before `--`"},
        {"set corelist *", "-l before `--`"},
        {"set portlist *", "--ports $ behind `--`"},
        {"set portmask *", "--ports LIST behind `--`"},
        {"set stat_period *", "--stats-period $ behind `--`"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Do the words match? *any is the word that '*' stands for. */
static bool
command_matches(const struct words *w, const char *there, const char **any)
{
	unsigned i = 0;

	for (; *there != '\0'; i++) {
		size_t len = strcspn(there, " ");

		if (i == w->n)
			return false;
		if (*there == '*')
			*any = w->word[i];
		else if (strlen(w->word[i]) != len || strncmp(w->word[i], there, len) != 0)
			return false;
		there += len;
		there += *there == ' ';
	}
	return i == w->n;
}

static const char *
fill_command(const char *here, const char *any, char *text, size_t size)
{
	size_t used = 0;

	for (; *here != '\0' && used + 1 < size; here++) {
		if (*here == '$')
			used += (size_t)snprintf(text + used, size - used, "%.60s", any);
		else
			text[used++] = *here;
	}
	text[used < size ? used : size - 1] = '\0';
	return text;
}

const char *
testpmd_here(const struct words *w, char *text, size_t size)
{
	for (unsigned i = 0; i < COMMANDS; i++) {
		const char *any = "";

		if (command_matches(w, commands[i].there, &any))
			return fill_command(commands[i].here, any, text, size);
	}
	return NULL;
}
