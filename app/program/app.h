/* SPDX-License-Identifier: BSD-3-Clause */
/* app: the state of the program: ports, workers, and the engine that runs on them.
 *
 * Threads    the main core; it reaches workers through the engine.
 * Life       app_open() -> (app_start() -> app_stop())* -> app_close(). The engine of the
 *            last run stays, halted, for `show`. app_start() makes a new one, so everything
 *            can be configured between two runs.
 * Ownership  the app owns the engine, the ports and the capture.
 * Errors     -errno or an exit code, with e filled in.
 * Counters   a worker's counters over all runs are `carried` plus those of the engine. `show`
 *            prints these minus `cleared`.
 */
#ifndef APP_APP_H
#define APP_APP_H

#include <net/if.h>
#include <time.h>

#include "command/grammar.h"
#include "drivers-glue/port.h"
#include "engine/engine.h"
#include "program/config.h"
#include "program/signals.h"
#include "service/services.h"
#include "start/options.h"
#include "text/error.h"

struct app;
struct capture;
struct load_run;
struct prompt;
struct rte_mempool;

struct port_stats {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	uint64_t rx_missed, rx_errors, rx_no_mbuf, tx_errors;
};

struct app_port {
	struct engine_port dev;
	struct port_notes notes;
	struct port_stats cleared;
	unsigned if_index; /* the kernel's device behind the port; 0: none */
	char if_name[IF_NAMESIZE];
	bool removed; /* the kernel's device was removed */
};

struct app_worker {
	unsigned lcore;
	struct rte_mempool *pool;
	struct counters carried;
	struct counters cleared;
	struct engine_usage load_cleared;
};

/* Functions of higher floors that this one calls; main() fills them in. */
struct app_above {
	void (*tend)(struct app *app);       /* the periodic work of the main core */
	void (*load_cut)(struct app *app);   /* ends the running load at once */
	void (*load_free)(struct app *app);  /* ends the running load and frees the last one */
	void (*hide_line)(struct prompt *p); /* clears the prompt's line before output */
	void (*redraw_line)(struct prompt *p); /* writes the prompt's line again after output */
};

struct app {
	const struct app_above *above;
	struct options opt;
	struct grammar *grammar;
	struct config config;
	struct http_conf http;
	struct idle_conf idle[IDLE_SERVICES];
	unsigned nports;
	struct app_port port[LIMIT_PORTS];
	unsigned nworkers;
	struct app_worker worker[LIMIT_WORKERS];
	/* the same in all runs, so that sequence numbers go on across them */
	uint8_t secret[16];
	struct cookie_masters cookie_masters; /* n 0: `start` draws one */
	uint32_t max_kept;     /* packet buffers that queues and services may keep */
	struct engine *engine; /* the engine of the last run, or NULL */
	struct capture *capture;
	char capture_path[VALUE_TEXT];
	bool capture_over;      /* the capture has ended by itself, and no command has since */
	unsigned foreign_lcore; /* a worker core that another engine uses; 0: none */
	struct load_run *load;  /* the running load, or the last one, or NULL */
	struct prompt *prompt;  /* NULL without -i */
	uint64_t started_us;    /* when the program started */
	uint64_t cleared_us;    /* when the statistics were cleared */
	uint64_t watched_us;    /* when port_watch looked at the ports' devices */
	uint64_t stats_last_us; /* when the last line of figures was printed */
	struct counters stats_last; /* the counters of the last line of figures */
	uint64_t stats_busy_tsc;    /* the busy time of the last line of figures */
	uint64_t stats_total_tsc;   /* the whole time of the last line of figures */
	bool quit;
	int failed; /* the exit code of the first failure outside of loads; 0: none */
};

/* EAL has started. Returns 0 or an exit code. */
int app_open(struct app *app, struct error *e);
void app_close(struct app *app);

static inline bool
app_running(const struct app *app)
{
	return app->engine != NULL && engine_running(app->engine);
}

int app_start(struct app *app, struct error *e);
/* Cuts the load off and halts the workers. The engine stays (see Life). */
void app_stop(struct app *app);
/* Refuses new connections and waits for the others to end, for `ms` at most. A signal beyond
 * the first `heard` ones ends the wait. Returns the number of connections that were cut off. */
unsigned app_drain(struct app *app, uint32_t ms, unsigned heard);
/* Adds a listener to the configuration, and to the engine if it runs. */
int app_listen(
        struct app *app, const struct value *endpoint, const char *service, struct error *e);

int app_capture_start(struct app *app, const char *path, uint64_t limit, struct error *e);
/* Returns false if no capture was running. */
bool app_capture_stop(struct app *app);

/* Ends a capture that is full, or whose file cannot be written any more. */
void app_capture_tend(struct app *app);

/* These two enclose output that the user has not asked for. */
static inline void
app_unasked_begin(const struct app *app)
{
	app->above->hide_line(app->prompt);
}

static inline void
app_unasked_end(const struct app *app)
{
	app->above->redraw_line(app->prompt);
}

/* The counters of worker w since the program began. */
void app_counters(struct app *app, unsigned w, struct counters *out);
/* The counters of worker w since `clear stats`. */
void app_counters_shown(struct app *app, unsigned w, struct counters *out);
struct stack_usage app_usage(struct app *app, unsigned w);
void app_load_shown(struct app *app, unsigned w, struct engine_usage *out);
void app_port_stats(const struct app *app, unsigned port, struct port_stats *out);
void app_clear_stats(struct app *app);

/* Time since some moment of the past, in microseconds. */
static inline uint64_t
app_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * US_PER_SECOND + (uint64_t)t.tv_nsec / 1000;
}

/* Sets the exit code of the program, which goes on. The first code stays. */
static inline void
app_failed(struct app *app, int code)
{
	if (app->failed == 0)
		app->failed = code;
}

#endif
