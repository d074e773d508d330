/* SPDX-License-Identifier: BSD-3-Clause */
/* app: the program's state: ports, workers, the stack that may run on them.
 *
 * Threads    the main core's; workers are reached through the engine.
 * Life       app_open() -> (app_start() -> app_stop())* -> app_close(). The
 *            engine of the last run stays, halted, for show; app_start() makes
 *            a new one, so that everything can be configured between two runs.
 * Counters   of a worker over all runs: carried + the engine's; what show says
 *            is that less cleared.
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
	unsigned if_index; /* the kernel's device behind it; 0: none */
	char if_name[IF_NAMESIZE];
	bool removed; /* ... is there no more */
};

struct app_worker {
	unsigned lcore;
	struct rte_mempool *pool;
	struct counters carried;
	struct counters cleared;
	struct engine_usage load_cleared;
};

/* What floors above this one do for the program; main() says who. */
struct app_above {
	/* What has to be done often: signals aside, everything that waits on the main core. */
	void (*tend)(struct app *app);
	void (*load_cut)(struct app *app);  /* end the load that is under way, at once */
	void (*load_free)(struct app *app); /* ... and forget the last one */
	/* Around what is printed unasked: leave the prompt's line, and write it again. */
	void (*prompt_hide)(struct prompt *p);
	void (*prompt_redraw)(struct prompt *p);
};

struct app {
	const struct app_above *above;
	struct options opt;
	struct grammar *grammar;
	struct config config;
	struct http_conf http;
	struct idle_conf idle[IDLE_SERVICES];
	unsigned nports;
	struct app_port port[STACK_PORTS];
	unsigned nworkers;
	struct app_worker worker[ENGINE_WORKERS];
	uint8_t secret[16]; /* of all runs: sequence numbers go on across them */
	struct cookie_masters cookie_masters; /* n 0: one is drawn at `start` */
	uint32_t max_kept;     /* packet buffers that queues and services may hold */
	struct engine *engine; /* of the last run, or NULL */
	struct capture *capture;
	char capture_path[VALUE_TEXT];
	bool capture_over;      /* it has ended by itself, and nobody has asked it to since */
	unsigned foreign_lcore; /* a worker core that is somebody else's; 0: none */
	struct load_run *load;  /* under way, or the last one, or NULL */
	struct prompt *prompt;  /* with -i */
	uint64_t started_us;    /* the program */
	uint64_t cleared_us;
	uint64_t watched_us;    /* the ports' devices */
	uint64_t stats_last_us; /* the last line of figures, and what it was made of */
	struct counters stats_last;
	uint64_t stats_busy_tsc, stats_total_tsc;
	bool quit;
	int failed; /* the exit code of what went wrong beside loads; 0: nothing */
};

/* EAL is up. 0 or an exit code. */
int app_open(struct app *app, struct error *e);
void app_close(struct app *app);

static inline bool
app_running(const struct app *app)
{
	return app->engine != NULL && engine_running(app->engine);
}

int app_start(struct app *app, struct error *e);
/* The load is cut off, the workers halt; the engine stays (above). */
void app_stop(struct app *app);
/* Refuse new ones, wait for the others until a signal that is not `heard` yet says that it
 * lasts too long; returns how many were cut off. */
unsigned app_drain(struct app *app, uint32_t ms, unsigned heard);
/* Add to the configuration, and to the engine if it runs. */
int app_listen(
        struct app *app, const struct value *endpoint, const char *service, struct error *e);

int app_capture_start(struct app *app, const char *path, uint64_t limit, struct error *e);
/* false: there was none. */
bool app_capture_stop(struct app *app);

/* Ends a capture that is full, or whose file takes no more. */
void app_capture_tend(struct app *app);

/* Around what is printed unasked. */
static inline void
app_unasked_begin(const struct app *app)
{
	app->above->prompt_hide(app->prompt);
}

static inline void
app_unasked_end(const struct app *app)
{
	app->above->prompt_redraw(app->prompt);
}

/* Of worker w since the program began; less what `clear stats` has seen. */
void app_counters(struct app *app, unsigned w, struct counters *out);
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

/* The program goes on; its exit code will be this, unless it is another one already. */
static inline void
app_failed(struct app *app, int code)
{
	if (app->failed == 0)
		app->failed = code;
}

#endif
