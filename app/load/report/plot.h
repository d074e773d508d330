/* SPDX-License-Identifier: BSD-3-Clause */
/* plot: axes, grid, curves and a legend, as SVG.
 *
 * Values outside an axis are drawn at its end, so a plot never leaves its frame. The page
 * defines the colours, as classes c0 to c7.
 *
 * Threads    none of its own.
 * Ownership  the caller's struct and stream; texts are borrowed until plot_end().
 * Memory     none beside the struct.
 * Errors     none: a failed write is the stream's.
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
	bool log;    /* logarithmic; low > 0 */
	double step; /* between two ticks; 0 for a logarithmic axis */
	plot_label_fn label;
};

struct plot {
	FILE *f;
	struct plot_axis x, y;
	double legend_x; /* place of the next name */
	unsigned points; /* points of the current curve so far */
	double last_x;
	double last_y;
};

/* An axis from 0 to a round number of `most` or more, in about `ticks` steps. */
void plot_axis_linear(struct plot_axis *a, const char *title, double most, unsigned ticks);
/* An axis around `least` and `most`. Its ends are 1, 2 or 5 times a power of ten. */
void plot_axis_log(struct plot_axis *a, const char *title, double least, double most);

/* Writes the frame with grid, ticks and titles. `what` describes the plot for a screen reader.
 */
void plot_begin(struct plot *p, FILE *f, const char *what);
void plot_end(struct plot *p);

double plot_x(const struct plot *p, double v);
double plot_y(const struct plot *p, double v);

/* One tick at v. */
void plot_tick_x(struct plot *p, double v, const char *label);
void plot_tick_y(struct plot *p, double v, const char *label);
void plot_grid_y(struct plot *p);

/* One curve. Points that are too close to the last one to be visible are left out. */
void plot_curve_begin(struct plot *p, const char *classes);
void plot_curve_to(struct plot *p, double x, double y);
void plot_curve_end(struct plot *p);

void plot_band_x(struct plot *p, double from, double to, const char *classes);
void plot_legend_line(struct plot *p, const char *classes, const char *name);
void plot_legend_box(struct plot *p, const char *classes, const char *name);

/* Writes any text so that it is valid in the page. */
void plot_escape(FILE *f, const char *text);

#endif
