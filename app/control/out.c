/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/out.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/thread.h"
#include "program/app.h"

#define LOOK_MS   20
#define GIVE_UP   25 /* looks without progress, once a signal has come */
#define NOTE_SIZE 96

struct piece {
	struct piece *next;
	size_t len;
	char bytes[];
};

/* A file, and what is to be written there. */
struct queue {
	struct out *out;
	int fd;
	pthread_t thread;
	pthread_mutex_t mutex;      /* of all below */
	pthread_cond_t come;        /* there is something, or the end */
	pthread_cond_t gone;        /* something was written */
	struct piece *first, *last; /* the first one is being written */
	size_t bytes;
	uint64_t lost;
	uint64_t written; /* grows with each write() */
	bool broken;      /* nothing more is written */
	int error;        /* why, an errno; 0: it hung at the end */
	bool end;
	bool done; /* the thread has ended */
};

struct out {
	bool (*may_wait)(void *ctx);
	void *ctx;
	pthread_t owner;
	FILE *before[2]; /* stdout, stderr */
	unsigned nqueues;
	struct queue queue[2];
};

/* The only places where the thread may hang. */
static ssize_t
write_some(struct queue *q, const char *bytes, size_t len)
{
	struct pollfd fd = {.fd = q->fd, .events = POLLOUT};
	ssize_t n;

	n = write(q->fd, bytes, len);
	if (n < 0 && errno == EAGAIN) /* whoever started us has it so */
		n = poll(&fd, 1, -1) < 0 && errno != EINTR ? -1 : 0;
	return n < 0 && errno == EINTR ? 0 : n;
}

static void
write_piece(struct queue *q, const struct piece *p)
{
	size_t done = 0;
	bool broken;

	pthread_mutex_lock(&q->mutex);
	broken = q->broken;
	pthread_mutex_unlock(&q->mutex);
	while (done < p->len && !broken) {
		ssize_t n = write_some(q, p->bytes + done, p->len - done);
		int err = n < 0 ? errno : 0;

		done += n > 0 ? (size_t)n : 0;
		pthread_mutex_lock(&q->mutex);
		q->broken |= err != 0;
		q->error = err != 0 ? err : q->error;
		q->written += n > 0 ? (size_t)n : 0;
		broken = q->broken;
		pthread_mutex_unlock(&q->mutex);
	}
}

static void *
work(void *queue)
{
	struct queue *q = queue;
	struct piece *p;

	pthread_mutex_lock(&q->mutex);
	for (;;) {
		while (q->first == NULL && !q->end)
			pthread_cond_wait(&q->come, &q->mutex);
		p = q->first;
		if (p == NULL)
			break;
		pthread_mutex_unlock(&q->mutex);
		write_piece(q, p);
		pthread_mutex_lock(&q->mutex);
		q->first = p->next;
		q->bytes -= p->len;
		free(p);
		pthread_cond_broadcast(&q->gone);
	}
	pthread_mutex_unlock(&q->mutex);
	__atomic_store_n(&q->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* The mutex is held. */
static bool
append(struct queue *q, const char *bytes, size_t len)
{
	struct piece *p = malloc(sizeof(*p) + len);

	if (p == NULL)
		return false;
	p->next = NULL;
	p->len = len;
	memcpy(p->bytes, bytes, len);
	if (q->first == NULL)
		q->first = p;
	else
		q->last->next = p;
	q->last = p;
	q->bytes += len;
	pthread_cond_signal(&q->come);
	return true;
}

static void
wait_a_little(struct queue *q)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LOOK_MS * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&q->gone, &q->mutex, &until);
}

static bool
may_wait(const struct out *o)
{
	return signals_seen() == 0 && pthread_equal(pthread_self(), o->owner) &&
	       o->may_wait(o->ctx);
}

/* What was lost before is said first. */
static void
note_loss(struct queue *q)
{
	char note[NOTE_SIZE];
	int len;

	if (q->lost == 0)
		return;
	len = snprintf(note, sizeof(note),
	        "\n[%llu bytes are missing here: nobody read them in time]\n",
	        (unsigned long long)q->lost);
	if (append(q, note, (size_t)len))
		q->lost = 0;
}

/* A cookie_write_function_t. All of it counts as written: to say it again would not help
 * a reader who does not read. */
static ssize_t
say(void *queue, const char *bytes, size_t len)
{
	struct queue *q = queue;

	if (len == 0)
		return 0;
	pthread_mutex_lock(&q->mutex);
	while (q->bytes >= OUT_SOME && !q->broken && may_wait(q->out))
		wait_a_little(q);
	if (!q->broken && q->bytes + len <= OUT_MOST) {
		note_loss(q);
		if (!append(q, bytes, len))
			q->lost += len;
	} else if (!q->broken) {
		q->lost += len;
	}
	pthread_mutex_unlock(&q->mutex);
	return (ssize_t)len;
}

static bool
queue_start(struct out *o, struct queue *q, int fd)
{
	q->out = o;
	q->fd = fd;
	pthread_mutex_init(&q->mutex, NULL);
	pthread_cond_init(&q->come, NULL);
	pthread_cond_init(&q->gone, NULL);
	return thread_create(&q->thread, fd == STDOUT_FILENO ? "hf-stdout" : "hf-stderr", work,
	               q) == 0;
}

/* All of it, for as long as somebody takes it. */
static void
drain(struct queue *q)
{
	uint64_t written = q->written;
	unsigned looks = 0;

	while (q->first != NULL && looks < GIVE_UP) {
		wait_a_little(q);
		looks = signals_seen() == 0 || q->written != written ? 0 : looks + 1;
		written = q->written;
	}
}

/* Some disks tell only when a file is closed that they are full. */
static int
flush_disk(int fd)
{
	int copy = dup(fd);

	return copy >= 0 && close(copy) != 0 && errno != EINTR ? errno : 0;
}

static void
queue_end(struct queue *q)
{
	pthread_mutex_lock(&q->mutex);
	note_loss(q);
	q->end = true;
	pthread_cond_signal(&q->come);
	drain(q);
	q->broken |= q->first != NULL; /* it hangs */
	pthread_mutex_unlock(&q->mutex);
	thread_end(q->thread, &q->done);
	if (!q->broken && q->error == 0)
		q->error = flush_disk(q->fd);
	pthread_mutex_destroy(&q->mutex);
	pthread_cond_destroy(&q->come);
	pthread_cond_destroy(&q->gone);
}

/* For a program that ends in the midst of it: its last words are queued. */
static struct out *volatile alive;

/* Called by a signal's handler, too. */
static void
let_write(void)
{
	const struct timespec nap = {.tv_nsec = LOOK_MS * 1000000};
	const struct out *o = alive;

	for (unsigned i = 0; o != NULL && i < GIVE_UP; i++) {
		bool left = false;

		for (unsigned k = 0; k < o->nqueues; k++)
			left |= __atomic_load_n(&o->queue[k].first, __ATOMIC_RELAXED) != NULL;
		if (!left)
			return;
		nanosleep(&nap, NULL);
	}
}

/* An assertion, or EAL's panic. Behind it the signal does what it always does. */
static void
handle_abort(int number)
{
	(void)number;
	let_write();
}

/* exit() from a library; as it should be, there is no queue any more. */
static void
handle_exit(void)
{
	if (alive == NULL)
		return;
	fflush(stdout);
	let_write();
}

static void
catch_sudden_ends(struct out *o)
{
	struct sigaction sa = {.sa_handler = handle_abort, .sa_flags = (int)SA_RESETHAND};

	alive = o;
	sigaction(SIGABRT, &sa, NULL);
	atexit(handle_exit);
}

static bool
is_same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static FILE *
stream(struct queue *q, int mode)
{
	FILE *f = fopencookie(q, "w", (cookie_io_functions_t) {.write = say});

	if (f != NULL)
		setvbuf(f, NULL, mode, BUFSIZ);
	return f;
}

static void
restore(struct out *o)
{
	FILE *ours[2] = {stdout, stderr};

	stdout = o->before[0];
	stderr = o->before[1];
	for (unsigned i = 0; i < 2; i++) {
		if (ours[i] != o->before[i])
			fclose(ours[i]); /* says what is left of it */
	}
}

struct out *
out_open(bool (*wait_allowed)(void *ctx), void *ctx)
{
	struct out *o = calloc(1, sizeof(*o));
	bool one = is_same_file(STDOUT_FILENO, STDERR_FILENO);
	FILE *f[2];
	int early;

	if (o == NULL)
		return NULL;
	early = fflush(stdout) != 0 ? errno : 0;
	clearerr(stdout);
	*o = (struct out) {.may_wait = wait_allowed,
	        .ctx = ctx,
	        .owner = pthread_self(),
	        .before = {stdout, stderr},
	        .nqueues = one ? 1 : 2};
	o->queue[0].error = early;
	for (unsigned i = 0; i < o->nqueues; i++) {
		if (!queue_start(o, &o->queue[i], i == 0 ? STDOUT_FILENO : STDERR_FILENO)) {
			fprintf(stderr, "handfast: no thread for what is to be said\n");
			o->nqueues = i;
			out_close(o);
			return NULL;
		}
	}
	f[0] = stream(&o->queue[0], isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
	f[1] = stream(&o->queue[o->nqueues - 1], _IONBF);
	stdout = f[0] != NULL ? f[0] : stdout;
	stderr = f[1] != NULL ? f[1] : stderr;
	catch_sudden_ends(o);
	return o;
}

int
out_close(struct out *o)
{
	int err = 0;

	if (o == NULL)
		return 0;
	restore(o);
	alive = NULL;
	for (unsigned i = 0; i < o->nqueues; i++) {
		queue_end(&o->queue[i]);
		err = err != 0 ? err : o->queue[i].error;
	}
	free(o);
	return err;
}

int
out_flush(void)
{
	int err;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return flush_disk(STDOUT_FILENO);
	err = errno != 0 ? errno : EIO;
	clearerr(stdout);
	return err;
}

int
out_code(int code, int err)
{
	if (err == 0)
		return code;
	if (err != EPIPE)
		fprintf(stderr, "handfast: what was said could not be written: %s\n",
		        strerror(err));
	return code != 0 ? code : EXIT_ENVIRONMENT;
}
