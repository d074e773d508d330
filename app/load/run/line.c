/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the lines that a load shows while it runs. */
#include "load/run/line.h"

#include <string.h>

#include "text/figure.h"

#define BAR        20
#define AWAY_SHOWN 0.05 /* of a second */

/* "0.31 ms", "12 us", "1.20 s"; "-": there was none */
static struct figure
latency_figure(uint64_t us)
{
	if (us == 0 || us == LOAD_UNKNOWN)
		return (struct figure) {"-"};
	return figure_duration((double)us);
}

void
line_begin(FILE *f, const struct load_result *r)
{
	const struct load_spec *s = &r->spec;
	char url[LOAD_PATH + 64];

	load_url_print(&s->url, url, sizeof(url));
	fprintf(f, "load %s: ", url);
	if (s->rate > 0)
		fprintf(f, "%s connections a second", figure_amount(s->rate).text);
	else
		fprintf(f, "%s connection%s open at a time", figure_count(s->concurrency).text,
		        s->concurrency == 1 ? "" : "s");
	if (s->requests > 1)
		fprintf(f, ", %u requests each", s->requests);
	fprintf(f, ", close by %s; %g s, after %g s of warm-up\n", load_close_name(s->close),
	        s->duration_s, s->warmup_s);
}

static void
print_bar(FILE *f, double share)
{
	char bar[BAR + 1];
	int full = (int)(share * BAR + 0.5);

	memset(bar, '.', BAR);
	memset(bar, '#', (size_t)(full < BAR ? full : BAR));
	bar[BAR] = '\0';
	fprintf(f, "[%s] %3.0f %%", bar, 100 * (share < 1 ? share : 1));
}

/* "(warm-up)" stands before the steady window, "(ending)" after it. */
static const char *
phase_text(const struct load_result *r, const struct load_second *s)
{
	if (s->at_s - s->for_s / 2 < r->spec.warmup_s)
		return "  (warm-up)";
	if (s->at_s - s->for_s / 2 > r->spec.warmup_s + r->spec.duration_s)
		return "  (ending)";
	return "";
}

/* If one of our cores did not run for a visible part of the second, its figures do not
 * describe the peer alone. */
static void
print_away(FILE *f, const struct load_second *s)
{
	if (s->away_s >= AWAY_SHOWN * s->for_s)
		fprintf(f, "  (handfast did not run for %.2g s)", s->away_s);
}

void
line_second(FILE *f, const struct load_result *r, unsigned i, bool bar)
{
	const struct load_second *s = &r->second[i];
	float busy = 0;

	for (unsigned c = 0; c < r->ncores; c++)
		busy = s->busy[c] > busy ? s->busy[c] : busy;
	if (bar)
		print_bar(f, s->at_s / (r->spec.warmup_s + r->spec.duration_s));
	fprintf(f,
	        "%6.1f s  %9.0f CPS  open %-6llu errors %-5llu p50 %-8s p99 %-8s busy %3.0f %%%s",
	        s->at_s, s->for_s > 0 ? (double)s->completed / s->for_s : 0,
	        (unsigned long long)s->open, (unsigned long long)s->errors,
	        latency_figure(s->p50_us).text, latency_figure(s->p99_us).text,
	        100 * (double)busy, phase_text(r, s));
	print_away(f, s);
	fprintf(f, "\n");
	fflush(f);
}
