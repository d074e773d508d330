/* SPDX-License-Identifier: BSD-3-Clause */
/* A report of any origin. It is refused with a reason. Or it is printed as text and as a
 * well-formed page, written and read again, and merged with one of another machine, for which
 * all this holds, too. The first byte: any bytes; or a report of ours with changes
 * (document.h). */
#include <string.h>

#include "app/load/report/report_sample.h"
#include "document.h"
#include "load/report/report.h"
#include "load/report/report_doc.h"
#include "markup.h"
#include "memory_file.h"
#include "target.h"

#define IS_RAW  0x80
#define SAMPLES 3

/* Few buckets, so that a run is short. */
static void
shorten(json_t *doc)
{
	json_t *all = json_object_get(doc, "latency_us");
	const char *key;
	json_t *one;
	void *next;

	json_object_foreach_safe(all, next, key, one)
	{
		struct histogram h = {.count = 0};

		for (uint64_t us = 1;
		        us < 300000 && json_array_size(json_object_get(one, "buckets")) > 0;
		        us *= 9)
			histogram_add(&h, us);
		json_object_set_new(all, key, report_latency_make(&h));
	}
}

static json_t *
make(uint8_t which)
{
	static const struct sample sample[SAMPLES] = {{2, 2, 100, 0, 1, 1, "alpha"},
	        {1, 1, 10, 50, 3, 1, "beta"}, {1, 1, 0, 100, 1, 1, "gamma"}};
	static struct load_result result;
	json_t *doc;

	sample_fill(&result, &sample[which]);
	doc = load_report_model(&result);
	must(doc != NULL);
	shorten(doc);
	return doc;
}

static json_t *
sample_of(uint8_t which)
{
	static json_t *doc[SAMPLES];

	which %= SAMPLES;
	if (doc[which] == NULL)
		doc[which] = make(which);
	return json_deep_copy(doc[which]);
}

/* The same as load_report_write_json(). */
static char *
write_json(const json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(15));

	must(text != NULL);
	return text;
}

static json_t *
read_text(const void *text, size_t len)
{
	char why[256] = "";
	json_t *doc = load_report_read(memory_file(text, len), why, sizeof(why));

	if (doc == NULL && getenv("TRACE") != NULL)
		fprintf(stderr, "refused: %s\n", why);
	must((doc == NULL) == (why[0] != '\0'));
	must(markup_is_plain(why, strlen(why)));
	return doc;
}

static char *
print(const json_t *doc, void (*how)(FILE *f, const json_t *doc))
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	must(f != NULL);
	how(f, doc);
	fclose(f);
	must(strlen(text) == size && markup_is_plain(text, size));
	return text;
}

static void
check_printed(const json_t *doc)
{
	char *text = print(doc, load_report_text);
	char *page = print(doc, load_report_html);

	must(markup_wrong(page) == NULL);
	must(strstr(page, "<script") == NULL);
	free(text);
	free(page);
	load_report_passed(doc);
}

static void
check_written(const json_t *doc)
{
	char *text = write_json(doc);
	json_t *again = read_text(text, strlen(text));

	must(again != NULL);
	json_decref(again);
	free(text);
}

/* Another id, if it is one. */
static json_t *
renamed(const json_t *id)
{
	char text[64];

	snprintf(text, sizeof(text), "%s", json_string_value(id));
	if (text[0] != '\0')
		text[0] = text[0] == '0' ? '1' : '0';
	return json_string(text);
}

/* The report of another machine. */
static json_t *
other_of(const json_t *doc)
{
	json_t *other = json_deep_copy(doc), *parts = json_object_get(other, "parts"), *id;
	size_t i;

	json_object_set_new(
	        json_object_get(other, "environment"), "host", json_string("another"));
	if (json_is_string(json_object_get(other, "id")))
		json_object_set_new(other, "id", renamed(json_object_get(other, "id")));
	json_array_foreach(parts, i, id)
	{
		if (json_is_string(id))
			json_array_set_new(parts, i, renamed(id));
	}
	return other;
}

static void
check_merged(json_t *doc)
{
	json_t *docs[] = {doc, other_of(doc)};
	json_t *before = json_deep_copy(doc);
	char why[256] = "";
	json_t *both = load_report_merge(docs, 2, why, sizeof(why));

	must((both == NULL) == (why[0] != '\0'));
	must(json_equal(doc, before));
	if (both != NULL) {
		must(report_count(both, "completed") == 2 * report_count(doc, "completed"));
		must(report_count(both, "errors.total") ==
		        2 * report_count(doc, "errors.total"));
		check_printed(both);
		check_written(both);
	}
	json_decref(both);
	json_decref(before);
	json_decref(docs[1]);
}

static json_t *
read_changed(uint8_t how, const uint8_t *data, size_t size)
{
	json_t *doc = sample_of(how), *got;
	char *text;

	document_change(doc, data, size);
	text = write_json(doc);
	json_decref(doc);
	got = read_text(text, strlen(text));
	free(text);
	return got;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *doc;

	if (size == 0)
		return 0;
	doc = data[0] & IS_RAW ? read_text(data + 1, size - 1)
	                       : read_changed(data[0], data + 1, size - 1);
	if (doc == NULL)
		return 0;
	check_printed(doc);
	check_written(doc);
	check_merged(doc);
	json_decref(doc);
	return 0;
}
