/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers as text, with separators and units. */
#include "text/figure.h"

#include <inttypes.h>
#include <stdio.h>

struct figure
figure_count(uint64_t n)
{
	char digits[24];
	struct figure f;
	unsigned out = 0, len = (unsigned)snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (unsigned i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			f.text[out++] = ',';
		f.text[out++] = digits[i];
	}
	f.text[out] = '\0';
	return f;
}

/* The number of decimals that gives three significant digits. */
static int
figure_decimals(double v)
{
	return v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2;
}

static struct figure
with_unit(double v, int digits, const char *unit)
{
	struct figure f;

	snprintf(f.text, sizeof(f.text), "%.*f %s", digits, v, unit);
	return f;
}

struct figure
figure_amount(double v)
{
	struct figure f;

	if (v >= 99.95)
		return figure_count((uint64_t)(v + 0.5));
	snprintf(f.text, sizeof(f.text), "%.3g", v < 1e-4 ? 0 : v);
	return f;
}

struct figure
figure_short(double v)
{
	double scale = v >= 1e9 ? 1e9 : v >= 1e6 ? 1e6 : 1e3;
	struct figure f;

	if (v < 1e4)
		return figure_amount(v);
	snprintf(f.text, sizeof(f.text), "%.4g%s", v / scale,
	        scale > 1e6   ? " G"
	        : scale > 1e3 ? " M"
	                      : " k");
	return f;
}

struct figure
figure_duration(double us)
{
	if (us < 999.5)
		return with_unit(us, 0, "us");
	if (us < 999.5e3)
		return with_unit(us / 1e3, figure_decimals(us / 1e3), "ms");
	return with_unit(us / 1e6, figure_decimals(us / 1e6), "s");
}

struct figure
figure_percent(double percent)
{
	return with_unit(percent, percent >= 0.05 && percent < 1 ? 1 : 0, "%");
}

struct figure
figure_seconds(double s)
{
	return with_unit(s, s == (double)(uint64_t)s ? 0 : figure_decimals(s), "s");
}

struct figure
figure_estimate(double s)
{
	double n = s < 1 ? s * 1000 : s;
	struct figure f;

	snprintf(f.text, sizeof(f.text), n < 10 ? "%.2g %s" : "%.0f %s", n, s < 1 ? "ms" : "s");
	return f;
}
