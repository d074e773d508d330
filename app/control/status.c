/* SPDX-License-Identifier: BSD-3-Clause */
/* The first screen, the line of figures, and the totals at the end. */
#include "control/status.h"

#include <inttypes.h>
#include <string.h>

#include "control/prompt.h"

static void
say_ports(const struct app *app)
{
	for (unsigned i = 0; i < app->nports; i++) {
		const struct config_port *c = &app->config.port[i];
		const uint8_t *m = app->port[i].dev.net.mac;
		char ip[ADDR_TEXT];

		printf("  port %u  %02x:%02x:%02x:%02x:%02x:%02x  ", i, m[0], m[1], m[2], m[3],
		        m[4], m[5]);
		if (c->ip == 0)
			printf("no address%s: set port %u ip ADDR/LEN\n",
			        app_running(app) ? ", so the port is not used" : " yet", i);
		else
			printf("%s/%u\n", addr_text(c->ip, ip), c->prefix_len);
	}
}

static void
say_worker_cores(const struct app *app)
{
	printf("  %s", app->nworkers == 1 ? "core  " : "cores ");
	for (unsigned i = 0; i < app->nworkers; i++)
		printf(" %u", app->worker[i].lcore);
	printf("\n");
}

static void
say_listeners(const struct app *app)
{
	for (unsigned i = 0; i < app->config.nlisten; i++) {
		const struct config_listen *l = &app->config.listen[i];
		char ip[ADDR_TEXT];

		printf("  listen  %s:%u  %s\n", addr_text(l->addr, ip), be16_to_cpu(l->port),
		        l->service);
	}
	if (app->config.nlisten == 0)
		printf("  no listener is open: set listen ADDR:PORT SERVICE\n");
}

void
status_banner(struct app *app, bool for_load)
{
	printf("handfast %s: %s\n", HANDFAST_VERSION,
	        app_running(app) ? "running" : "ready; `start` opens the listeners");
	say_worker_cores(app);
	say_ports(app);
	if (app->config.nlisten != 0 || !for_load)
		say_listeners(app);
	fflush(stdout);
}

static void
sum_counters(struct app *app, struct counters *sum)
{
	struct counters one;

	memset(sum, 0, sizeof(*sum));
	for (unsigned w = 0; w < app->nworkers; w++) {
		app_counters(app, w, &one);
		counters_sum(sum, &one);
	}
}

static uint64_t
sum_drops(const struct counters *c)
{
	uint64_t sum = 0;

	for (unsigned d = DROP_NONE + 1; d < DROP_COUNT; d++)
		sum += c->drop[d];
	return sum;
}

/* ", 312044 cookies/s"; "" if no cookie was sent. */
static const char *
cookies_text(const struct counters *d, double s, char text[48])
{
	text[0] = '\0';
	if (d->cookies_sent != 0)
		snprintf(text, 48, ", %.0f cookies/s", (double)d->cookies_sent / s);
	return text;
}

/* The busy share of all workers since the last line, in percent. */
static double
busy_percent(struct app *app)
{
	uint64_t busy = 0, total = 0;
	double share = 0;

	for (unsigned w = 0; app->engine != NULL && w < app->nworkers; w++) {
		struct engine_usage usage;

		engine_usage(app->engine, w, &usage);
		busy += usage.busy_tsc;
		total += usage.total_tsc;
	}
	if (total > app->stats_total_tsc && busy >= app->stats_busy_tsc)
		share = (double)(busy - app->stats_busy_tsc) /
		        (double)(total - app->stats_total_tsc);
	app->stats_busy_tsc = busy;
	app->stats_total_tsc = total;
	return 100 * share;
}

static void
print_figures(struct app *app, uint64_t now_us)
{
	double s = (double)(now_us - app->stats_last_us) / US_PER_SECOND;
	uint32_t conns = 0, half_open = 0, time_wait = 0;
	struct counters now, d;
	char cookies[48];

	sum_counters(app, &now);
	d = now;
	counters_subtract(&d, &app->stats_last);
	app->stats_last = now;
	for (unsigned w = 0; w < app->nworkers; w++) {
		struct stack_usage u = app_usage(app, w);

		conns += u.conns;
		half_open += u.half_open;
		time_wait += u.time_wait;
	}
	prompt_hide(app->prompt);
	printf("%7.1f s  conns %u (half-open %u, TIME-WAIT %u), %.0f new/s%s  rx %.0f pps %.2f Mbit/s  tx %.0f pps %.2f Mbit/s  drops %" PRIu64
	       "  busy %.0f %%\n",
	        (double)(now_us - app->started_us) / US_PER_SECOND, conns, half_open, time_wait,
	        (double)d.conn_accepted / s, cookies_text(&d, s, cookies),
	        (double)d.rx_packets / s, (double)d.rx_bytes * 8e-6 / s,
	        (double)d.tx_packets / s, (double)d.tx_bytes * 8e-6 / s, sum_drops(&d),
	        busy_percent(app));
	fflush(stdout);
	prompt_redraw(app->prompt);
}

void
status_tend(struct app *app)
{
	uint64_t now_us;

	if (app->opt.stats_period_s == 0 || !app_running(app))
		return;
	now_us = app_now_us();
	if (now_us - app->stats_last_us < (uint64_t)app->opt.stats_period_s * US_PER_SECOND)
		return;
	print_figures(app, now_us);
	app->stats_last_us = now_us;
}

void
status_cut(const char *before, unsigned cut)
{
	printf("%s%u connection%s had not ended and %s reset\n", before, cut,
	        cut == 1 ? "" : "s", cut == 1 ? "was" : "were");
}

static void
say_syns(const struct counters *c)
{
	if (c->cookies_sent != 0)
		printf("  SYN cookies  %" PRIu64 " sent, %" PRIu64 " came back; %" PRIu64
		       " ACKs had no valid cookie\n",
		        c->cookies_sent, c->cookies_valid,
		        c->drop[DROP_COOKIE_EPOCH] + c->drop[DROP_COOKIE_WRONG]);
	if (c->syn_evicted != 0)
		printf("  half-open    %" PRIu64 " were dropped to make room for new ones\n",
		        c->syn_evicted);
}

/* The packets that the ports have lost before a core saw them. */
static void
say_missed(const struct app *app)
{
	struct port_stats one;
	uint64_t missed = 0;

	for (unsigned i = 0; i < app->nports; i++) {
		app_port_stats(app, i, &one);
		missed += one.rx_missed + app->port[i].cleared.rx_missed;
	}
	if (missed != 0)
		printf("  missed       %" PRIu64
		       " by the ports: their receive queues were full\n",
		        missed);
}

/* By severity, as in `show drops`. */
static void
say_drops(const struct counters *c)
{
	printf("  dropped      %" PRIu64 "\n", sum_drops(c));
	for (enum drop_severity s = 0; s < SEVERITY_COUNT; s++) {
		for (enum drop d = DROP_NONE + 1; d < DROP_COUNT; d++) {
			if (c->drop[d] != 0 && drop_severity(d) == s)
				printf("  %13" PRIu64 "  %-6s  %s\n", c->drop[d],
				        severity_name(s), drop_text(d));
		}
	}
}

void
status_totals(struct app *app)
{
	struct counters c;

	sum_counters(app, &c);
	printf("totals of %.1f s\n"
	       "  connections  %" PRIu64 " accepted, %" PRIu64 " opened: %" PRIu64
	       " closed in order, %" PRIu64 " reset by the peer, %" PRIu64 " by us, %" PRIu64
	       " timed out\n"
	       "  packets      %" PRIu64 " received (%" PRIu64 " bytes), %" PRIu64
	       " sent (%" PRIu64 " bytes)\n"
	       "  data         %" PRIu64 " bytes in, %" PRIu64 " bytes out, %" PRIu64
	       " segments sent again\n",
	        (double)(app_now_us() - app->started_us) / US_PER_SECOND, c.conn_accepted,
	        c.conn_connected, c.conn_closed, c.conn_reset, c.conn_aborted, c.conn_timeout,
	        c.rx_packets, c.rx_bytes, c.tx_packets, c.tx_bytes, c.text_bytes_in,
	        c.text_bytes_out, c.segments_retransmitted);
	say_syns(&c);
	say_missed(app);
	say_drops(&c);
	fflush(stdout);
}
