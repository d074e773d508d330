/* SPDX-License-Identifier: BSD-3-Clause */
/* The `show` commands: a document is made, and printed as JSON or as text. */
#include <errno.h>
#include <stdlib.h>

#include "control/cli.h"
#include "show/show.h"

json_t *
show_addr(be32 addr)
{
	char text[ADDR_TEXT];

	return json_string(addr_text(addr, text));
}

json_t *
show_endpoint(be32 addr, be16 port)
{
	char text[ADDR_TEXT];

	return json_sprintf("%s:%u", addr_text(addr, text), be16_to_cpu(port));
}

json_t *
show_mac(const uint8_t mac[ETH_ALEN])
{
	return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
	        mac[4], mac[5]);
}

static const struct show *
show_by_command(enum command command)
{
	static const struct show *const shows[CMD_COUNT] = {
#define SHOW(id, name, ...) [CMD_##id] = &name,
#include "command/commands.def"
	};

	return shows[command];
}

int
cli_show(struct app *app, const struct args *a, struct error *e)
{
	const struct show *show = show_by_command(a->command);
	json_t *doc = show->model(app, a, e);

	if (doc == NULL)
		return -EINVAL;
	if (args_keyword(a, "json")) {
		json_dumpf(doc, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
		putchar('\n');
	} else {
		show->text(stdout, doc);
	}
	json_decref(doc);
	return 0;
}
