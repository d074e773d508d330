/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws plots as SVG. */
#include "load/report/plot.h"

#include <math.h>
#include <string.h>

/* In the units of the SVG, which are pixels on a wide page. */
#define WIDTH       860.0
#define HEIGHT      320.0
#define LEFT        86.0
#define RIGHT       (WIDTH - 22)
#define TOP         34.0 /* the legend is above it */
#define BOTTOM      (HEIGHT - 46)
#define SEEN        0.4 /* pixels: a shorter line is not visible */
#define LETTER      6.9 /* mean width of a letter */
#define LEGEND_LINE 22.0

static double
share_at_most(double v, double most)
{
	return v < most ? v : most;
}

/* The least number of v or more that is 1, 2 or 5 times a power of ten. */
static double
tick_round_up(double v)
{
	double power = pow(10, floor(log10(v) + 1e-9));
	double digit = v / power;

	return power * (digit <= 1 + 1e-9          ? 1
	                       : digit <= 2 + 1e-9 ? 2
	                       : digit <= 5 + 1e-9 ? 5
	                                           : 10);
}

static double
tick_round_down(double v)
{
	double power = pow(10, floor(log10(v) + 1e-9));
	double digit = v / power;

	return power * (digit >= 5 - 1e-9 ? 5 : digit >= 2 - 1e-9 ? 2 : 1);
}

void
plot_axis_linear(struct plot_axis *a, const char *title, double most, unsigned ticks)
{
	most = most > 0 && isfinite(most) ? most : 1;
	a->title = title;
	a->log = false;
	a->low = 0;
	a->step = tick_round_up(most / ticks);
	a->high = a->step * ceil(most / a->step - 1e-9);
}

void
plot_axis_log(struct plot_axis *a, const char *title, double least, double most)
{
	a->title = title;
	a->log = true;
	a->step = 0;
	a->low = tick_round_down(least);
	a->high = tick_round_up(most);
	if (a->high <= a->low)
		a->high = tick_round_up(a->low * 1.5);
}

/* The place of v on the axis, 0 to 1. */
static double
axis_share(const struct plot_axis *a, double v)
{
	double share;

	if (a->log)
		share = v <= a->low ? 0 : log(v / a->low) / log(a->high / a->low);
	else
		share = (v - a->low) / (a->high - a->low);
	return share > 0 ? share_at_most(share, 1) : 0;
}

double
plot_x(const struct plot *p, double v)
{
	return LEFT + axis_share(&p->x, v) * (RIGHT - LEFT);
}

double
plot_y(const struct plot *p, double v)
{
	return BOTTOM - axis_share(&p->y, v) * (BOTTOM - TOP);
}

/* Reads a character of UTF-8 (RFC 3629) and moves *p past it. 0: the bytes are no UTF-8. */
static uint32_t
next_character(const char **p)
{
	const uint8_t *b = (const uint8_t *)*p;
	unsigned more = b[0] < 0x80   ? 0
	                : b[0] < 0xc2 ? 9
	                : b[0] < 0xe0 ? 1
	                : b[0] < 0xf0 ? 2
	                : b[0] < 0xf5 ? 3
	                              : 9;
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	uint32_t c = more == 0 ? b[0] : b[0] & (0x3fu >> more);

	*p += 1;
	if (more > 3)
		return 0;
	for (unsigned i = 1; i <= more; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[i] & 0x3fu);
	}
	if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*p += more;
	return c;
}

/* XML (2.2) has no control characters and no U+FFFE and U+FFFF. It discourages the other
 * non-characters, and characters that change the direction of text. */
static bool
character_may_stand(uint32_t c)
{
	return c >= ' ' && !(c >= 0x7f && c < 0xa0) && (c & 0xfffe) != 0xfffe &&
	       !(c >= 0xfdd0 && c < 0xfdf0) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2066 && c <= 0x2069);
}

static const char *
xml_entity(uint32_t c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
plot_escape(FILE *f, const char *text)
{
	while (*text != '\0') {
		const char *from = text;
		uint32_t c = next_character(&text);

		if (xml_entity(c) != NULL)
			fputs(xml_entity(c), f);
		else if (character_may_stand(c))
			fwrite(from, 1, (size_t)(text - from), f);
		else
			fputs("\xef\xbf\xbd", f); /* U+FFFD */
	}
}

void
plot_tick_x(struct plot *p, double v, const char *label)
{
	double x = plot_x(p, v);

	fprintf(p->f,
	        "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>"
	        "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
	        x, TOP, BOTTOM, x, BOTTOM + 17, label);
}

void
plot_tick_y(struct plot *p, double v, const char *label)
{
	double y = plot_y(p, v);

	fprintf(p->f,
	        "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>"
	        "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
	        LEFT, y, RIGHT, LEFT - 7, y + 4, label);
}

static void
linear_ticks(struct plot *p, const struct plot_axis *a,
        void (*tick)(struct plot *p, double v, const char *label))
{
	unsigned n;

	if (a->step <= 0)
		return;
	n = (unsigned)floor((a->high - a->low) / a->step + 1e-9);
	for (unsigned i = 0; i <= n; i++)
		tick(p, a->low + i * a->step, a->label(a->low + i * a->step).text);
}

/* A tick at each power of ten, and at 2 and 5 times it if there is room. */
static void
log_ticks_y(struct plot *p)
{
	bool wide = log10(p->y.high / p->y.low) > 3.5;

	for (double v = p->y.low; v <= p->y.high * 1.001; v = tick_round_up(v * 1.5)) {
		double digit = v / pow(10, floor(log10(v) + 1e-9));

		if (!wide || digit < 1.5)
			plot_tick_y(p, v, p->y.label(v).text);
	}
}

void
plot_grid_y(struct plot *p)
{
	if (p->y.log)
		log_ticks_y(p);
	else
		linear_ticks(p, &p->y, plot_tick_y);
}

void
plot_begin(struct plot *p, FILE *f, const char *what)
{
	p->f = f;
	p->legend_x = LEFT;
	fprintf(f, "<div class=\"plot\"><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\"><title>",
	        WIDTH, HEIGHT);
	plot_escape(f, what);
	fprintf(f, "</title>\n");
	linear_ticks(p, &p->x, plot_tick_x);
	fprintf(f,
	        "<text class=\"axis\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
	        (LEFT + RIGHT) / 2, HEIGHT - 8, p->x.title);
	fprintf(f,
	        "<text class=\"axis\" transform=\"translate(13 %.1f) rotate(-90)\" "
	        "text-anchor=\"middle\">%s</text>\n",
	        (TOP + BOTTOM) / 2, p->y.title);
}

void
plot_end(struct plot *p)
{
	fprintf(p->f, "<path class=\"frame\" d=\"M%.1f %.1fV%.1fH%.1f\"/></svg></div>\n", LEFT,
	        TOP, BOTTOM, RIGHT);
}

void
plot_curve_begin(struct plot *p, const char *classes)
{
	fprintf(p->f, "<path class=\"curve %s\" d=\"", classes);
	p->points = 0;
}

void
plot_curve_to(struct plot *p, double vx, double vy)
{
	double x = plot_x(p, vx), y = plot_y(p, vy);

	if (p->points > 0 && fabs(x - p->last_x) < SEEN && fabs(y - p->last_y) < SEEN)
		return;
	fprintf(p->f, "%c%.1f %.1f", p->points == 0 ? 'M' : 'L', x, y);
	p->points++;
	p->last_x = x;
	p->last_y = y;
}

void
plot_curve_end(struct plot *p)
{
	fprintf(p->f, "\"/>\n");
}

void
plot_band_x(struct plot *p, double from, double to, const char *classes)
{
	double x = plot_x(p, from);

	fprintf(p->f,
	        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
	        classes, x, TOP, plot_x(p, to) - x, BOTTOM - TOP);
}

/* Writes the name after its mark, and moves legend_x past it. */
static void
legend_name(struct plot *p, const char *name)
{
	fprintf(p->f, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\">",
	        p->legend_x + LEGEND_LINE + 6, 18.0);
	plot_escape(p->f, name);
	fprintf(p->f, "</text>\n");
	p->legend_x += LEGEND_LINE + 6 + LETTER * (double)strlen(name) + 16;
}

void
plot_legend_line(struct plot *p, const char *classes, const char *name)
{
	fprintf(p->f, "<path class=\"curve %s\" d=\"M%.1f 14h%.1f\"/>", classes, p->legend_x,
	        LEGEND_LINE);
	legend_name(p, name);
}

void
plot_legend_box(struct plot *p, const char *classes, const char *name)
{
	fprintf(p->f, "<rect class=\"%s\" x=\"%.1f\" y=\"8\" width=\"%.1f\" height=\"12\"/>",
	        classes, p->legend_x, LEGEND_LINE);
	legend_name(p, name);
}
