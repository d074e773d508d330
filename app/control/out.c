/* SPDX-License-Identifier: BSD-3-Clause */
/* The queues of output, and the threads that write them. */
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
#define GIVE_UP   25 /* looks without progress, after a signal */
#define NOTE_SIZE 96

struct piece {
	struct piece *next;
	size_t len;
	char bytes[];
};

/* A file, and the bytes that wait to be written to it. */
struct queue {
	struct out *out;
	int fd;
	pthread_t thread;
	pthread_mutex_t mutex; /* protects the members below */
	pthread_cond_t come;   /* signals a new piece, or the end */
	pthread_cond_t gone;   /* signals that a piece was written */
	struct piece *first;   /* the piece that is being written */
	struct piece *last;
	size_t bytes;     /* the length of the queue */
	uint64_t lost;    /* bytes that found no room */
	uint64_t written; /* bytes written */
	bool broken;      /* no more is written */
	int error;        /* the errno that broke it; 0: the reader took nothing at the end */
	bool end;         /* the thread ends once the queue is empty */
	bool done;        /* the thread has ended */
};

struct out {
	bool (*may_wait)(void *ctx);
	void *ctx;
	pthread_t owner;
	FILE *before[2]; /* the original stdout and stderr */
	unsigned nqueues;
	struct queue queue[2];
};

/* The thread may block only here. */
static ssize_t
write_queue_bytes(struct queue *q, const char *bytes, size_t len)
{
	struct pollfd fd = {.fd = q->fd, .events = POLLOUT};
	ssize_t n;

	n = write(q->fd, bytes, len);
	if (n < 0 && errno == EAGAIN) /* the parent process has made the file non-blocking */
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
		ssize_t n = write_queue_bytes(q, p->bytes + done, p->len - done);
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
write_queue(void *queue)
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

/* The caller holds the mutex. */
static bool
append_piece(struct queue *q, const char *bytes, size_t len)
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
may_wait_for_room(const struct out *o)
{
	return signals_seen() == 0 && pthread_equal(pthread_self(), o->owner) &&
	       o->may_wait(o->ctx);
}

/* Adds the line about lost bytes before the next output. */
static void
note_loss(struct queue *q)
{
	char note[NOTE_SIZE];
	int len;

	if (q->lost == 0)
		return;
	len = snprintf(note, sizeof(note),
	        "\n[%llu bytes are missing here: the reader was too slow]\n",
	        (unsigned long long)q->lost);
	if (append_piece(q, note, (size_t)len))
		q->lost = 0;
}

/* A cookie_write_function_t. It reports all bytes as written: a caller that repeats them would
 * not help a reader that does not read. */
static ssize_t
write_stream(void *queue, const char *bytes, size_t len)
{
	struct queue *q = queue;

	if (len == 0)
		return 0;
	pthread_mutex_lock(&q->mutex);
	while (q->bytes >= OUT_SOME && !q->broken && may_wait_for_room(q->out))
		wait_a_little(q);
	if (!q->broken && q->bytes + len <= OUT_MOST) {
		note_loss(q);
		if (!append_piece(q, bytes, len))
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
	return thread_create(&q->thread, fd == STDOUT_FILENO ? "hf-stdout" : "hf-stderr",
	               write_queue, q) == 0;
}

/* Waits until the queue is empty. After a signal the wait ends when the reader takes nothing.
 */
static void
drain_queue(struct queue *q)
{
	uint64_t written = q->written;
	unsigned looks = 0;

	while (q->first != NULL && looks < GIVE_UP) {
		wait_a_little(q);
		looks = signals_seen() == 0 || q->written != written ? 0 : looks + 1;
		written = q->written;
	}
}

/* Some file systems report a full disk only at close(). */
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
	drain_queue(q);
	q->broken |= q->first != NULL; /* the reader takes nothing */
	pthread_mutex_unlock(&q->mutex);
	thread_end(q->thread, &q->done);
	if (!q->broken && q->error == 0)
		q->error = flush_disk(q->fd);
	pthread_mutex_destroy(&q->mutex);
	pthread_cond_destroy(&q->come);
	pthread_cond_destroy(&q->gone);
}

/* The open queues, for a program that ends by abort() or exit() while output is queued. */
static struct out *volatile alive;

/* Gives the threads time to write. A signal handler calls it, too. */
static void
wait_for_writers(void)
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

/* An assertion or EAL's panic. Afterwards the signal ends the program as usual. */
static void
handle_abort(int number)
{
	(void)number;
	wait_for_writers();
}

/* A library has called exit(). At a normal end of the program the queues are closed. */
static void
handle_exit(void)
{
	if (alive == NULL)
		return;
	fflush(stdout);
	wait_for_writers();
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
open_stream(struct queue *q, int mode)
{
	FILE *f = fopencookie(q, "w", (cookie_io_functions_t) {.write = write_stream});

	if (f != NULL)
		setvbuf(f, NULL, mode, BUFSIZ);
	return f;
}

static void
restore_streams(struct out *o)
{
	FILE *ours[2] = {stdout, stderr};

	stdout = o->before[0];
	stderr = o->before[1];
	for (unsigned i = 0; i < 2; i++) {
		if (ours[i] != o->before[i])
			fclose(ours[i]); /* writes the rest of its buffer to the queue */
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
			fprintf(stderr,
			        "handfast: the thread that writes output did not start; raise the limit of threads: ulimit -u unlimited\n");
			o->nqueues = i;
			out_close(o);
			return NULL;
		}
	}
	f[0] = open_stream(&o->queue[0], isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
	f[1] = open_stream(&o->queue[o->nqueues - 1], _IONBF);
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
	restore_streams(o);
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
		fprintf(stderr, "handfast: output could not be written: %s\n", strerror(err));
	return code != 0 ? code : EXIT_ENVIRONMENT;
}
