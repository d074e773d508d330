/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands `set syn-cookie`, `set when-full` and `set cookie-keys`. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/prf.h"
#include "control/cli.h"
#include "program/cookie_keys.h"

static uint64_t
wall_clock_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec;
}

int
cli_set_syn_cookie(struct app *app, const struct args *a, struct error *e)
{
	struct config_syn *s = &app->config.syn;

	(void)e;
	s->cookie = args_keyword(a, "always") ? SYN_COOKIE_ALWAYS
	            : args_keyword(a, "off")  ? SYN_COOKIE_OFF
	                                      : SYN_COOKIE_AUTO;
	s->cookie_set = true;
	if (app_running(app))
		engine_set_syn_cookie(app->engine, s->cookie);
	return 0;
}

int
cli_set_when_full(struct app *app, const struct args *a, struct error *e)
{
	struct config_syn *s = &app->config.syn;

	(void)e;
	s->refuse = args_keyword(a, "refuse");
	s->when_full_set = true;
	if (app_running(app))
		engine_set_when_full(app->engine, s->refuse);
	return 0;
}

/* Taking the same keys again would only forget the keys before them. */
static void
take_keys(struct app *app, const struct cookie_masters *m)
{
	if (cookie_masters_equal(&app->cookie_masters, m))
		return;
	app->cookie_masters = *m;
	if (app_running(app))
		engine_set_cookie_keys(app->engine, m);
}

static void
say_keys(const struct cookie_masters *m, uint64_t now_s)
{
	const struct cookie_master *current = cookie_keys_current(m, now_s);
	const struct cookie_master *next = cookie_keys_next(m, now_s);
	char at[COOKIE_KEYS_TIME];

	printf("%u cookie key%s: id %" PRIu32 " is in force", m->n, m->n == 1 ? "" : "s",
	        current->id);
	if (next != NULL)
		printf(", id %" PRIu32 " from %s", next->id,
		        cookie_keys_time(next->not_before_s, at));
	printf("\n");
}

int
cli_set_cookie_keys(struct app *app, const struct args *a, struct error *e)
{
	const char *path = a->value[ARG_FILE].text;
	uint64_t now_s = wall_clock_s();
	struct cookie_masters m;
	int err = cookie_keys_read(path, now_s, &m, e);

	if (err != 0)
		return err;
	take_keys(app, &m);
	snprintf(app->config.syn.keys, sizeof(app->config.syn.keys), "%s", path);
	say_keys(&m, now_s);
	explicit_bzero(&m, sizeof(m));
	return 0;
}

int
cli_set_cookie_keys_off(struct app *app, const struct args *a, struct error *e)
{
	struct cookie_masters m;
	uint8_t secret[16];
	int err = secret_fill(secret, sizeof(secret));

	(void)a;
	if (err != 0)
		return error_set(e, err, "the kernel gives no random bytes for a key: %s",
		        strerror(-err));
	cookie_masters_draw(&m, secret);
	take_keys(app, &m);
	app->config.syn.keys[0] = '\0';
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(&m, sizeof(m));
	return 0;
}
