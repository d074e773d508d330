/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes ids of reports, and finds loads that would be counted twice. */
#include "load/report/report_id.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "load/report/report_doc.h"

void
report_id_make(char id[REPORT_ID])
{
	uint8_t b[16];
	ssize_t n;

	do
		n = getrandom(b, sizeof(b), 0);
	while (n < 0 && errno == EINTR);
	id[0] = '\0';
	if (n != (ssize_t)sizeof(b))
		return;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4 */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	snprintf(id, REPORT_ID,
	        "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
	        b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
	        b[13], b[14], b[15]);
}

/* FNV-1a. It has no key, since an attacker gains nothing from two reports with one hash. */
static uint64_t
content_hash(const char *text, uint64_t h)
{
	for (; *text != '\0'; text++)
		h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return h;
}

static json_t *
id_of_content(const json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT | JSON_SORT_KEYS);
	json_t *id = json_sprintf("content-%016" PRIx64 "%016" PRIx64,
	        content_hash(text != NULL ? text : "", UINT64_C(0xcbf29ce484222325)),
	        content_hash(text != NULL ? text : "", UINT64_C(0x84222325cbf29ce4)));

	free(text);
	return id;
}

json_t *
report_id_parts(const json_t *doc)
{
	json_t *parts = json_object_get(doc, "parts");
	const char *id = report_text(doc, "id");

	if (json_array_size(parts) > 0)
		return json_copy(parts);
	return json_pack("[o]", id[0] != '\0' ? json_string(id) : id_of_content(doc));
}

static void
say_repeated(
        json_t *const *docs, unsigned a, unsigned b, const char *id, char *why, unsigned whylen)
{
	bool merged = json_object_get(docs[a - 1], "parts") != NULL ||
	              json_object_get(docs[b - 1], "parts") != NULL;

	if (a == b)
		snprintf(why, whylen, "report %u contains a load twice: %.64s", a, id);
	else if (merged)
		snprintf(why, whylen,
		        "reports %u and %u have a load in common, which would be counted twice: %.64s",
		        a, b, id);
	else
		snprintf(why, whylen, "files %u and %u are the same report", a, b);
}

/* Adds the ids of document `number`, counted from 1, to `seen`. True: one was there before. */
static bool
see_ids(json_t *seen, json_t *const *docs, unsigned number, char *why, unsigned whylen)
{
	json_t *parts = report_id_parts(docs[number - 1]), *id;
	bool repeats = false;
	size_t i;

	json_array_foreach(parts, i, id)
	{
		const char *text = json_is_string(id) ? json_string_value(id) : "";
		json_int_t before = json_integer_value(json_object_get(seen, text));

		if (before != 0 && !repeats) {
			say_repeated(docs, (unsigned)before, number, text, why, whylen);
			repeats = true;
		}
		json_object_set_new(seen, text, json_integer(number));
	}
	json_decref(parts);
	return repeats;
}

bool
report_id_repeats(json_t *const *docs, unsigned n, char *why, unsigned whylen)
{
	json_t *seen = json_object();
	bool repeats = false;

	for (unsigned i = 1; i <= n && !repeats; i++)
		repeats = see_ids(seen, docs, i, why, whylen);
	json_decref(seen);
	return repeats;
}
