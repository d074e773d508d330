/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "show.h"
#include "table.h"

static json_t *
model(struct app *app, const struct args *a, struct error *e)
{
	json_t *list = json_array();
	struct counters sum, one;
	uint64_t total = 0;

	(void)a;
	(void)e;
	memset(&sum, 0, sizeof(sum));
	for (unsigned w = 0; w < app->nworkers; w++) {
		app_counters_shown(app, w, &one);
		counters_sum(&sum, &one);
	}
	for (unsigned d = DROP_NONE + 1; d < DROP_COUNT; d++) {
		if (sum.drop[d] == 0)
			continue;
		total += sum.drop[d];
		json_array_append_new(
		        list, json_pack("{s:s, s:I, s:s}", "reason", drop_name((enum drop)d),
		                      "packets", (json_int_t)sum.drop[d], "text",
		                      drop_text((enum drop)d)));
	}
	return json_pack("{s:I, s:o}", "total", (json_int_t)total, "drops", list);
}

static void
text(FILE *f, const json_t *doc)
{
	static const struct column columns[] = {
	        {"packets", "packets"},
	        {"reason", "reason"},
	        {"text", ""},
	};

	if (member_int(doc, "total") == 0)
		fprintf(f, "nothing was dropped\n");
	else
		table_print(f, json_object_get(doc, "drops"), columns,
		        sizeof(columns) / sizeof(columns[0]));
}

const struct show show_drops = {model, text};
