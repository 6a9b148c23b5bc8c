/* Part of readers.c: the connections, what arrives on them, and what is counted of it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MILLI 1000000ull
#define SECOND (1000 * MILLI)
#define MOST 2000000  // messages of a phase
#define ABREAST 64    // handshakes at a time
#define STALLED (5 * SECOND)

typedef uint64_t u64;
enum state { ABSENT, CONNECTING, SHAKING, OPEN };
typedef struct {
  int fd, index, failures;
  enum state state;
  char *rest;  // of a frame, or of an answer
  size_t held;
  u64 offset, back_at, heard_at;
  char epoch[40];
} conn;

static int port, readers = 1000, per_address = 400, size = 300, pipe_fd = -1;
static const char *host = "127.0.0.1", *path = "/", *mark = "n=", *pub_path, *form = "", *headers = "", *stream;
static conn *all, publisher;
static int poll_fd, next_reader, shaking, open_now;
static char buffer[1 << 20];

static struct {
  u64 base, published, complete, delivered, frames, begun, *sent, *last, *latencies;
  uint32_t *reached;
  u64 closed, refused, failed_5xx, resumed, resumed_at, gaps, resets, silence;
} now_on;  // what this phase counts

static u64 now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * SECOND + at.tv_nsec;
}

static void *room(size_t bytes) {
  void *made = calloc(1, bytes);
  if (!made) exit(3);
  return made;
}

/* --- what arrives */

static u64 number_after(const char *text, const char *end, const char *name, u64 otherwise) {
  const char *at = memmem(text, end - text, name, strlen(name));
  if (!at) return otherwise;
  u64 value = 0;
  for (at += strlen(name); at < end && *at >= '0' && *at <= '9'; at++) value = value * 10 + *at - '0';
  return value;
}

static void count_messages(const char *text, const char *end, u64 at) {
  size_t length = strlen(mark);
  while (text < end && (text = memmem(text, end - text, mark, length))) {
    u64 number = number_after(text, end, mark, 0) - now_on.base;
    text += length;
    if (number >= now_on.published) continue;  // of an earlier phase, or of somebody else
    now_on.delivered++;
    now_on.last[number] = at;
    u64 tenth = (at - now_on.sent[number]) / (MILLI / 10);
    now_on.latencies[tenth < 100000 ? tenth : 99999]++;
    if (++now_on.reached[number] == (uint32_t)readers) now_on.complete++;
  }
}

static int begins(const char *text, size_t length, const char *with) {
  return length >= strlen(with) && !memcmp(text, with, strlen(with));
}

/* The promise: each frame goes on where the one before ended. */
static void note_position(conn *c, const char *text, size_t length, u64 at) {
  const char *end = text + length, *epoch;
  if (begins(text, length, "{\"type\":\"events\"")) {
    if (number_after(text, end, "\"from\":", 0) != c->offset) now_on.gaps++;
    c->offset = number_after(text, end, "\"upto\":", 0);
    if (c->heard_at > now_on.begun && at - c->heard_at > now_on.silence) now_on.silence = at - c->heard_at;
    c->heard_at = at;
  } else if (begins(text, length, "{\"type\":\"subscribed\"")) {
    u64 offset = number_after(text, end, "\"offset\":", 0);
    if (c->epoch[0] && offset != c->offset) now_on.gaps++;
    if (c->epoch[0]) now_on.resumed++, now_on.resumed_at = at;
    c->offset = offset;
    if ((epoch = memmem(text, length, "\"epoch\":\"", 9))) snprintf(c->epoch, sizeof c->epoch, "%.*s", (int)strcspn(epoch + 9, "\""), epoch + 9);
  } else if (begins(text, length, "{\"type\":\"reset\"")) {
    now_on.resets++;
  }
}

static void send_frame(conn *c, int opcode, const char *data, size_t length) {
  static char frame[70000];
  size_t head = 2;
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) frame[2] = length >> 8, frame[3] = length, head = 4;
  memset(frame + head, 0, 4);  // a mask that changes nothing
  memcpy(frame + head + 4, data, length);
  if (write(c->fd, frame, head + 4 + length) < 0 && errno != EPIPE && errno != ECONNRESET) perror("write"), exit(4);
}

static void take(conn *c, int opcode, char *text, size_t length, u64 at) {
  if (opcode == 9) send_frame(c, 10, text, length);
  if (opcode > 2 || c == &publisher) return;
  now_on.frames++;
  if (stream) note_position(c, text, length, at);
  count_messages(text, text + length, at);
}

/* How many bytes of whole frames there were. */
static size_t take_frames(conn *c, char *data, size_t length, u64 at) {
  size_t done = 0;
  while (length - done >= 2) {
    unsigned char *b = (unsigned char *)data + done;
    u64 size = b[1] & 127;
    size_t head = size == 126 ? 4 : size == 127 ? 10 : 2;
    if (length - done < head) break;
    if (head > 2) size = 0;
    for (size_t i = 2; i < head; i++) size = size << 8 | b[i];
    if (length - done < head + size) break;
    take(c, b[0] & 15, (char *)b + head, size, at);
    done += head + size;
  }
  return done;
}

/* --- connections */

static void lose(conn *c) {
  if (c->state == OPEN) now_on.closed++, open_now -= c != &publisher;
  else now_on.refused++, c->failures++, shaking--;
  close(c->fd);
  free(c->rest);
  c->rest = NULL, c->held = 0, c->state = ABSENT;
  u64 most = 250 * MILLI << (c->failures < 5 ? c->failures : 5);  // back-off with full jitter
  c->back_at = now() + (u64)(drand48() * most);
  c->heard_at = 0;
}

static void begin(conn *c) {
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) perror("socket"), exit(4);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  from.sin_addr.s_addr = htonl(0x7f010001u + c->index / per_address);
  inet_pton(AF_INET, host, &to.sin_addr);
  if (bind(c->fd, (void *)&from, sizeof from) < 0) perror("bind"), exit(4);
  c->state = CONNECTING, shaking++;
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &event);
  if (connect(c->fd, (void *)&to, sizeof to) < 0 && errno != EINPROGRESS) lose(c);
}

static void ask_for_upgrade(conn *c) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error) {
    lose(c);
    return;
  }
  char where[300];
  int is_publisher = c == &publisher;
  snprintf(where, sizeof where, "%s", is_publisher ? pub_path : path);
  if (stream && !is_publisher) snprintf(where, sizeof where, c->epoch[0] ? "%s?streams=%s@%s:%llu" : "%s?streams=%s", path, stream, c->epoch, (unsigned long long)c->offset);
  dprintf(c->fd, "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n", where, host, port, is_publisher ? headers : "");
  c->state = SHAKING;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(poll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

/* How many bytes the answer took; 0 while it is not whole. */
static size_t take_answer(conn *c, char *data, size_t length) {
  char *end = memmem(data, length, "\r\n\r\n", 4);
  if (!end) return 0;
  if (memcmp(data, "HTTP/1.1 101", 12)) {
    fprintf(stderr, "refused: %.40s\n", data);
    if (data[9] == '5') now_on.failed_5xx++;
    lose(c);
    return 0;
  }
  c->state = OPEN, c->failures = 0, shaking--, open_now += c != &publisher;
  return end + 4 - data;
}

static void hear(conn *c) {
  if (c->held) memcpy(buffer, c->rest, c->held);
  ssize_t got = read(c->fd, buffer + c->held, sizeof buffer - c->held);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    lose(c);
    return;
  }
  size_t length = c->held + got, done = 0;
  if (c->state == SHAKING) done = take_answer(c, buffer, length);
  if (c->state == ABSENT) return;
  if (c->state == OPEN) done += take_frames(c, buffer + done, length - done, now());
  if (c->held || done < length) c->rest = realloc(c->rest, length - done);
  c->held = length - done;
  if (c->held) memcpy(c->rest, buffer + done, c->held);
  else c->rest = NULL;  // realloc has freed it
}

static void turn(int milliseconds) {
  static u64 last_look;
  struct epoll_event events[512];
  int count = epoll_wait(poll_fd, events, 512, milliseconds);
  for (int i = 0; i < count; i++) {
    conn *c = events[i].data.ptr;
    if (c->state == CONNECTING) ask_for_upgrade(c);
    else if (c->state != ABSENT) hear(c);
  }
  while (shaking < ABREAST && next_reader < readers) begin(&all[next_reader++]);
  if (!stream || now() - last_look < 5 * MILLI) return;
  last_look = now();
  for (int i = 0; i < next_reader && shaking < ABREAST; i++)
    if (all[i].state == ABSENT && all[i].back_at < last_look) begin(&all[i]);
}
