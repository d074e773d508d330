/* SPDX-License-Identifier: BSD-3-Clause */
/* plot: axes, grid, curves and a legend, as SVG.
 *
 * Values outside an axis are drawn at its end: a plot never leaves its frame.
 * Colours are the page's: classes c0 to c7.
 */
#ifndef APP_LOAD_PLOT_H
#define APP_LOAD_PLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "text/figure.h"

#define PLOT_COLOURS 8

typedef struct figure (*plot_label_fn)(double v);

struct plot_axis {
	const char *title;
	double low, high;
	bool log;    /* low > 0 then */
	double step; /* between ticks; log: none */
	plot_label_fn label;
};

struct plot {
	FILE *f;
	struct plot_axis x, y;
	double legend_x; /* where the next name goes */
	unsigned points; /* of the curve that is being drawn */
	double last_x, last_y;
};

/* From 0 to a round number that is no less than most; about `ticks` steps. */
void plot_axis_linear(struct plot_axis *a, const char *title, double most, unsigned ticks);
/* From 1, 2 or 5 times a power of ten to another, around both. */
void plot_axis_log(struct plot_axis *a, const char *title, double least, double most);

/* The frame with grid, ticks and titles; `what` says to a reader what it shows. */
void plot_begin(struct plot *p, FILE *f, const char *what);
void plot_end(struct plot *p);

double plot_x(const struct plot *p, double v);
double plot_y(const struct plot *p, double v);

/* A tick that is not from `step`. */
void plot_tick_x(struct plot *p, double v, const char *label);
void plot_tick_y(struct plot *p, double v, const char *label);
void plot_grid_y(struct plot *p);

/* One curve: points that lie closer than can be seen are left out. */
void plot_curve_begin(struct plot *p, const char *classes);
void plot_curve_to(struct plot *p, double x, double y);
void plot_curve_end(struct plot *p);

void plot_band_x(struct plot *p, double from, double to, const char *classes);
void plot_legend_line(struct plot *p, const char *classes, const char *name);
void plot_legend_box(struct plot *p, const char *classes, const char *name);

/* Text as it may stand in the page, whatever is in it. */
void plot_escape(FILE *f, const char *text);

#endif
