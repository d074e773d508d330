/* SPDX-License-Identifier: BSD-3-Clause */
/* `show syn`: whether there is a SYN flood, and how SYNs are answered. */
#include <string.h>

#include "show/show.h"
#include "syn/cookie.h"
#include "text/table.h"

/* The quiet time until SYNs get records again; lib/syn/mode.c decides it. */
#define QUIET_S (2 * COOKIE_EPOCH_S)

static void
do_query_syn(struct stack *st, void *arg)
{
	*(struct stack_syn *)arg = stack_syn(st);
}

/* Adds the counters of SYNs and cookies; the total has the same ones. */
static void
add_syn_counts(json_t *o, const struct counters *c)
{
	const struct {
		const char *key;
		uint64_t n;
	} counts[] = {
	        {"syn_received", c->syn_received},
	        {"syn_evicted", c->syn_evicted},
	        {"syn_timeout", c->syn_timeout},
	        {"syn_reset", c->syn_reset},
	        {"syn_capped", c->syn_capped},
	        {"syn_backlog", c->drop[DROP_SYN_BACKLOG]},
	        {"syn_cap", c->drop[DROP_SYN_CAP]},
	        {"syn_mss", c->drop[DROP_SYN_MSS]},
	        {"cookies_sent", c->cookies_sent},
	        {"cookies_valid", c->cookies_valid},
	        {"cookie_epoch", c->drop[DROP_COOKIE_EPOCH]},
	        {"cookie_wrong", c->drop[DROP_COOKIE_WRONG]},
	};

	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(o, counts[i].key, json_integer((json_int_t)counts[i].n));
}

static json_t *
seconds_if(bool is, uint32_t ms)
{
	return is ? json_integer(ms / MS_PER_SECOND) : json_null();
}

static json_t *
lcore_syn_row(struct app *app, unsigned w)
{
	struct counters c;
	struct stack_syn s;
	json_t *o;

	engine_call(app->engine, w, do_query_syn, &s);
	app_counters_shown(app, w, &c);
	o = json_pack(
	        "{s:i, s:s, s:b, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:b}",
	        "lcore", (int)app->worker[w].lcore, "set", config_syn_cookie_names[s.set],
	        "stateless", s.stateless, "stateless_s",
	        seconds_if(s.stateless, s.stateless_for_ms), "quiet_s",
	        seconds_if(s.stateless, s.quiet_ms), "half_open", (json_int_t)s.half_open,
	        "half_open_max", (json_int_t)s.half_open_max, "unanswered_per_s",
	        (json_int_t)s.rate, "flood_per_s", (json_int_t)s.rate_max, "to_stateless",
	        (json_int_t)s.to_stateless, "to_stateful", (json_int_t)s.to_stateful,
	        "acks_checked", s.accepts, "epoch", (json_int_t)s.epoch, "epoch_left_s",
	        (json_int_t)(s.epoch_left_ms / MS_PER_SECOND), "key_id", (json_int_t)s.key_id,
	        "keys", (json_int_t)s.keys, "keys_shared", s.keys_shared);
	add_syn_counts(o, &c);
	return o;
}

/* The sums over all cores. */
static json_t *
syn_total(const json_t *lcores)
{
	static const char *const keys[] = {"half_open", "half_open_max", "unanswered_per_s",
	        "to_stateless", "to_stateful"};
	struct counters none = {.rx_packets = 0};
	json_t *total = json_object(), *row, *value;
	unsigned stateless = 0;
	const char *key;
	size_t i;

	add_syn_counts(total, &none);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set_new(total, keys[i], json_integer(0));
	json_array_foreach(lcores, i, row)
	{
		stateless += json_is_true(json_object_get(row, "stateless"));
		json_object_foreach(total, key, value)
		{
			json_integer_set(value, member_int(total, key) + member_int(row, key));
		}
	}
	json_object_set_new(total, "stateless", json_integer(stateless));
	return total;
}

static json_t *
syn_model(struct app *app, const struct args *a, struct error *e)
{
	const struct config_syn *s = &app->config.syn;
	json_t *list = json_array();

	(void)a;
	(void)e;
	for (unsigned w = 0; app->engine != NULL && w < app->nworkers; w++)
		json_array_append_new(list, lcore_syn_row(app, w));
	return json_pack("{s:b, s:s, s:s?, s:o, s:o}", "running", app_running(app), "set",
	        config_syn_cookie_names[s->cookie], "keys_file",
	        s->keys[0] != '\0' ? s->keys : NULL, "total", syn_total(list), "lcores", list);
}

static void
print_stateless(FILE *f, const json_t *row)
{
	long long for_s = member_int(row, "stateless_s"), quiet_s = member_int(row, "quiet_s");

	if (strcmp(member_text(row, "set"), "always") == 0)
		fprintf(f, "all SYNs are answered with cookies (set syn-cookie always)");
	else if (quiet_s < 1)
		fprintf(f, "SYN flood: SYNs have been answered with cookies for %lld s", for_s);
	else
		fprintf(f,
		        "the SYN flood is over: SYNs have been answered with cookies for %lld s, and will be for %lld s more",
		        for_s, quiet_s < QUIET_S ? QUIET_S - quiet_s : 0);
}

static void
print_stateful(FILE *f, const json_t *row, bool flood)
{
	if (strcmp(member_text(row, "set"), "off") != 0)
		fprintf(f, "no flood: SYNs get records");
	else if (flood)
		fprintf(f,
		        "SYN flood, and cookies are off: each new SYN takes the oldest record (to fix it: set syn-cookie auto)");
	else
		fprintf(f, "no flood: SYNs get records, cookies are off");
}

static void
print_lcore_syn(FILE *f, const json_t *row)
{
	long long rate = member_int(row, "unanswered_per_s");
	long long most = member_int(row, "flood_per_s");
	long long used = member_int(row, "half_open");
	long long room = member_int(row, "half_open_max");

	fprintf(f, "lcore %lld: ", member_int(row, "lcore"));
	if (json_is_true(json_object_get(row, "stateless")))
		print_stateless(f, row);
	else
		print_stateful(f, row, rate >= most || used >= room / 2);
	fprintf(f,
	        "; %lld SYNs/s without an ACK (flood: %lld or more), half-open %lld of %lld\n",
	        rate, most, used, room);
}

/* Keys are the same on all cores. */
static void
print_keys(FILE *f, const json_t *doc, const json_t *row)
{
	bool checked = json_is_true(json_object_get(row, "acks_checked"));

	if (!json_is_true(json_object_get(row, "keys_shared")))
		fprintf(f, "cookie key: random, only on this host");
	else if (member_int(row, "keys") == 1)
		fprintf(f, "cookie key: id %lld from %s, shared with other hosts",
		        member_int(row, "key_id"), member_text(doc, "keys_file"));
	else
		fprintf(f, "cookie key: id %lld, one of %lld from %s, shared with other hosts",
		        member_int(row, "key_id"), member_int(row, "keys"),
		        member_text(doc, "keys_file"));
	fprintf(f, "; epoch %lld, the next one begins in %lld s\n", member_int(row, "epoch"),
	        member_int(row, "epoch_left_s"));
	fprintf(f, "ACKs to listeners are %s\n",
	        checked ? "checked for cookies"
	                : "not checked for cookies: no cookie was sent in the last two epochs");
}

static void
print_syn_counts(FILE *f, const json_t *doc)
{
	static const struct column columns[] = {
	        {"lcore", "lcore"},
	        {"syn_received", "records"},
	        {"syn_evicted", "evicted"},
	        {"syn_timeout", "timed out"},
	        {"syn_reset", "reset"},
	        {"cookies_sent", "cookies sent"},
	        {"cookies_valid", "valid"},
	        {"cookie_epoch", "wrong epoch"},
	        {"cookie_wrong", "wrong"},
	        {"to_stateless", "to cookies"},
	        {"to_stateful", "to records"},
	};
	json_t *rows = json_copy(json_object_get(doc, "lcores"));
	json_t *all = json_copy(json_object_get(doc, "total"));

	json_object_set_new(all, "lcore", json_string("all"));
	json_array_append_new(rows, all);
	if (json_array_size(rows) == 2) /* the sum over one core adds nothing */
		json_array_remove(rows, 1);
	table_print(f, rows, columns, sizeof(columns) / sizeof(columns[0]));
	json_decref(rows);
}

static void
print_syn_strays(FILE *f, const json_t *total)
{
	long long n = member_int(total, "cookie_epoch") + member_int(total, "cookie_wrong");

	if (n > 0)
		fprintf(f,
		        "%lld ACKs to listeners had no valid cookie: they were guessed, are an ACK flood, or belong to a host with other keys\n",
		        n);
	if (member_int(total, "syn_mss") > 0)
		fprintf(f,
		        "%lld SYNs had an MSS below %d and no timestamps: a cookie has no room for such an MSS\n",
		        member_int(total, "syn_mss"), COOKIE_MSS_MIN);
}

static void
syn_text(FILE *f, const json_t *doc)
{
	const json_t *lcores = json_object_get(doc, "lcores");
	bool running = json_is_true(json_object_get(doc, "running"));
	json_t *row;
	size_t i;

	json_array_foreach(lcores, i, row)
	{
		if (running)
			print_lcore_syn(f, row);
	}
	if (json_array_size(lcores) != 0) {
		if (running)
			print_keys(f, doc, json_array_get(lcores, 0));
		print_syn_counts(f, doc);
		print_syn_strays(f, json_object_get(doc, "total"));
	}
	if (!running)
		fprintf(f, "set syn-cookie %s; the stack is not running\n",
		        member_text(doc, "set"));
}

const struct show show_syn = {syn_model, syn_text};
