/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads members of a report, and converts histograms from and to JSON. */
#include "load/report/report_doc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SURVIVORS 0.99 /* with a smaller share, the completed do not represent all */

const char *const report_latency_keys[REPORT_LATENCIES] = {
        [REPORT_CONNECT] = "connect",
        [REPORT_FIRST_BYTE] = "first_byte",
        [REPORT_WHOLE] = "whole",
        [REPORT_REQUEST] = "request",
};

const char *const report_latency_names[REPORT_LATENCIES] = {
        [REPORT_CONNECT] = "connect",
        [REPORT_FIRST_BYTE] = "first byte",
        [REPORT_WHOLE] = "whole",
        [REPORT_REQUEST] = "request",
};

const char *const report_own_keys[REPORT_OWN] = {
        [REPORT_LATENESS] = "lateness_us",
        [REPORT_GAPS] = "gaps_us",
};

const char *const report_own_names[REPORT_OWN] = {
        [REPORT_LATENESS] = "our lateness",
        [REPORT_GAPS] = "our gaps",
};

const json_t *
report_member(const json_t *doc, const char *path)
{
	char key[64];
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		size_t len = (size_t)(dot - path) < sizeof(key) ? (size_t)(dot - path) : 0;

		memcpy(key, path, len);
		key[len] = '\0';
		doc = json_object_get(doc, key);
		path = dot + 1;
	}
	return json_object_get(doc, path);
}

double
report_number(const json_t *doc, const char *path)
{
	return json_number_value(report_member(doc, path));
}

uint64_t
report_count(const json_t *doc, const char *path)
{
	json_int_t n = json_integer_value(report_member(doc, path));

	return n < 0 ? 0 : (uint64_t)n;
}

const char *
report_text(const json_t *doc, const char *path)
{
	const char *text = json_string_value(report_member(doc, path));

	return text == NULL ? "" : text;
}

bool
report_true(const json_t *doc, const char *path)
{
	return json_is_true(report_member(doc, path));
}

uint64_t
report_status(const json_t *doc, unsigned code)
{
	char path[32];

	snprintf(path, sizeof(path), "status.%u", code);
	return report_count(doc, path);
}

/* U+2028 to U+202E and U+2066 to U+2069 end a line or change the direction of text. */
static bool
turns_text(const uint8_t *c)
{
	return c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
	                               (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

bool
report_survivors(const json_t *doc)
{
	double completed = (double)report_count(doc, "completed");

	return completed > 0 && completed < SURVIVORS * (double)report_count(doc, "attempted");
}

bool
report_text_is_plain(const char *text)
{
	for (const uint8_t *c = (const uint8_t *)text; *c != '\0'; c++) {
		if (*c < ' ' || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0) || turns_text(c))
			return false;
	}
	return true;
}

const json_t *
report_latency(const json_t *doc, enum report_latency which)
{
	return json_object_get(json_object_get(doc, "latency_us"), report_latency_keys[which]);
}

bool
report_latency_shown(const json_t *doc, enum report_latency which)
{
	if (report_count(report_latency(doc, which), "count") == 0)
		return false;
	return which != REPORT_REQUEST || report_count(doc, "spec.requests_per_connection") > 1;
}

bool
report_latency_any(const json_t *doc)
{
	bool any = false;

	for (enum report_latency l = 0; l < REPORT_LATENCIES; l++)
		any |= report_latency_shown(doc, l);
	return any;
}

json_t *
report_real(double v)
{
	return json_real(isfinite(v) ? round(v * 1000) / 1000 : 0);
}

static json_t *
make_buckets(const struct histogram *h)
{
	json_t *buckets = json_array();

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (h->bucket[i] > 0)
			json_array_append_new(
			        buckets, json_pack("[I, I, I]", (json_int_t)histogram_low(i),
			                         (json_int_t)histogram_high(i),
			                         (json_int_t)h->bucket[i]));
	}
	return buckets;
}

json_t *
report_latency_make(const struct histogram *h)
{
	return json_pack("{s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "count",
	        (json_int_t)h->count, "mean", report_real(histogram_mean(h)), "p50",
	        (json_int_t)histogram_quantile(h, 0.5), "p90",
	        (json_int_t)histogram_quantile(h, 0.9), "p99",
	        (json_int_t)histogram_quantile(h, 0.99), "p99_9",
	        (json_int_t)histogram_quantile(h, 0.999), "max", (json_int_t)h->max_us,
	        "buckets", make_buckets(h));
}

/* Takes a row [low, high, count]. The bounds must be those of a bucket above *last. */
static bool
take_bucket(const json_t *row, struct histogram *h, int *last)
{
	json_int_t low, high, n;
	unsigned i;

	if (json_array_size(row) != 3 ||
	        json_unpack((json_t *)row, "[I, I, I]", &low, &high, &n) != 0)
		return false;
	if (low < 0 || low > UINT32_MAX || n <= 0 || n > REPORT_COUNT_MAX)
		return false;
	i = histogram_index((uint64_t)low);
	if (histogram_low(i) != (uint64_t)low || histogram_high(i) != (uint64_t)high ||
	        (int)i <= *last)
		return false;
	h->bucket[i] = (uint64_t)n;
	h->count += (uint64_t)n;
	*last = (int)i;
	return true;
}

/* The greatest value must lie in the last bucket, and the mean must not be above it. */
static bool
take_latency_rest(const json_t *latency, struct histogram *h, int last)
{
	double mean = report_number(latency, "mean");

	h->max_us = report_count(latency, "max");
	if (report_count(latency, "count") != h->count)
		return false;
	if (last < 0)
		return h->max_us == 0 && mean == 0;
	if (h->max_us < histogram_low((unsigned)last) ||
	        h->max_us > histogram_high((unsigned)last))
		return false;
	if (!(mean >= 0 && mean <= (double)h->max_us + 1))
		return false;
	h->sum_us = (uint64_t)(mean * (double)h->count + 0.5);
	return true;
}

bool
report_latency_take(const json_t *latency, struct histogram *h)
{
	const json_t *buckets = json_object_get(latency, "buckets");
	int last = -1;
	size_t i;
	json_t *row;

	memset(h, 0, sizeof(*h));
	if (!json_is_array(buckets))
		return false;
	json_array_foreach(buckets, i, row)
	{
		if (!take_bucket(row, h, &last))
			return false;
	}
	return take_latency_rest(latency, h, last);
}
