/* Load over HTTP/1.1: COUNT requests, or as many as SECONDS allow, over CONNECTIONS sockets, each with one request
   under way. Nothing is left under way at the end, so the server's CPU time belongs to what was counted.

   httpload PORT CONNECTIONS COUNT SECONDS FILE       0: no bound
   FILE: requests as they go over the wire, each after its length (4 bytes, little endian); dealt in turn.
   Prints one line of JSON; times are milliseconds. Answers need a Content-Length. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 16, KEPT = 4000000 };

typedef struct {
    int fd, status, closes;
    size_t sent, have, want; /* of the request; of the answer's head, or of its body once `want` is known */
    int in_body;
    const char *request;
    uint32_t length;
    double began;
    char head[ROOM + 1];
} Line;

static struct sockaddr_in server;
static char *requests[1 << 20];
static uint32_t lengths[1 << 20];
static long known, next_one, started, done, broken, most, statuses[600];
static long long bytes;
static double deadline, *times;
static int poller;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) { perror(what), exit(1); }

static int more(void) { return (!most || started < most) && (!deadline || now() < deadline); }

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    uint32_t length;
    if (!file) fail(path);
    while (fread(&length, 4, 1, file) == 1 && known < 1 << 20) {
        requests[known] = malloc(length);
        lengths[known] = length;
        if (fread(requests[known++], 1, length, file) != length) fail("a request is cut");
    }
    fclose(file);
    if (!known) fputs("no requests\n", stderr), exit(1);
}

static void dial(Line *line) {
    int one = 1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = line};
    line->fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(line->fd, F_SETFL, O_NONBLOCK);
    if (connect(line->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) fail("connect");
    epoll_ctl(poller, EPOLL_CTL_ADD, line->fd, &event);
}

static void begin(Line *line) {
    line->request = requests[next_one], line->length = lengths[next_one];
    next_one = (next_one + 1) % known;
    started++;
    line->sent = line->have = line->want = 0;
    line->in_body = line->closes = line->status = 0;
    line->began = now();
}

static void push(Line *line) {
    while (line->sent < line->length) {
        ssize_t n = send(line->fd, line->request + line->sent, line->length - line->sent, MSG_NOSIGNAL);
        if (n <= 0) return;
        line->sent += n;
    }
}

/* The head is whole: what it says of the body. Gives how much of it lies behind the head already. */
static void understand(Line *line, char *end) {
    size_t head = end + 4 - line->head;
    int has_length = 0;
    *end = 0;
    line->status = atoi(line->head + 9);
    for (char *field = strstr(line->head, "\r\n"); field; field = strstr(field + 2, "\r\n")) {
        if (!strncasecmp(field + 2, "content-length:", 15)) line->want = strtoul(field + 17, 0, 10), has_length = 1;
        if (!strncasecmp(field + 2, "connection: close", 17)) line->closes = 1;
    }
    if (!has_length && line->status != 304 && line->status != 204) fputs("no Content-Length\n", stderr), exit(1);
    line->in_body = 1;
    line->have -= head;
    bytes += head;
}

static int over(Line *line, int is_broken) { /* 0: this line rests from now on */
    if (is_broken) broken++;
    else {
        if (done < KEPT) times[done] = (now() - line->began) * 1e3;
        done++;
        bytes += line->want;
        statuses[line->status % 600]++;
    }
    int goes_on = more();
    if (is_broken || line->closes || !goes_on) close(line->fd), line->fd = -1;
    if (!goes_on) return 0;
    begin(line);
    if (line->fd < 0) dial(line);
    else push(line);
    return 1;
}

static int pull(Line *line) {
    static char waste[1 << 20];
    for (;;) {
        int in_body = line->in_body;
        ssize_t n = in_body ? recv(line->fd, waste, sizeof waste, 0)
                            : recv(line->fd, line->head + line->have, ROOM - line->have, 0);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOTCONN)) return 1;
        if (n <= 0) return over(line, 1);
        line->have += n;
        if (!in_body) {
            line->head[line->have] = 0;
            char *end = strstr(line->head, "\r\n\r\n");
            if (end) understand(line, end);
            else if (line->have == ROOM) return over(line, 1);
        }
        if (line->in_body && line->have >= line->want) {
            int fd = line->fd;
            if (!over(line, 0)) return 0;
            if (line->fd != fd) return 1;
        }
    }
}

static int by_size(const void *a, const void *b) {
    double x = *(double *)a, y = *(double *)b;
    return (x > y) - (x < y);
}

static void report(double seconds) {
    long kept = done < KEPT ? done : KEPT;
    const char *between = "";
    qsort(times, kept, sizeof *times, by_size);
    printf("{\"requests\": %ld, \"broken\": %ld, \"seconds\": %.4f, \"bytes\": %lld, \"p50\": %.3f, \"p99\": %.3f, "
           "\"statuses\": {",
           done, broken, seconds, bytes, kept ? times[kept / 2] : 0, kept ? times[kept * 99 / 100] : 0);
    for (int i = 0; i < 600; i++)
        if (statuses[i]) printf("%s\"%d\": %ld", between, i, statuses[i]), between = ", ";
    puts("}}");
}

int main(int argc, char **argv) {
    if (argc != 6) return fputs("httpload PORT CONNECTIONS COUNT SECONDS FILE\n", stderr), 1;
    int wide = atoi(argv[2]), busy = 0;
    struct epoll_event events[256];
    server.sin_family = AF_INET, server.sin_port = htons(atoi(argv[1])), server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load(argv[5]);
    times = malloc(KEPT * sizeof *times);
    poller = epoll_create1(0);
    most = atol(argv[3]);
    double start = now();
    deadline = atof(argv[4]) ? start + atof(argv[4]) : 0;
    Line *lines = calloc(wide, sizeof *lines);
    for (int i = 0; i < wide && more(); i++, busy++) begin(&lines[i]), dial(&lines[i]);
    while (busy) {
        int n = epoll_wait(poller, events, 256, 300000);
        if (n <= 0) return fputs("no answer for five minutes\n", stderr), 1;
        for (int i = 0; i < n; i++) {
            Line *line = events[i].data.ptr;
            if (line->fd < 0) continue;
            if (events[i].events & (EPOLLERR | EPOLLHUP) && !(events[i].events & EPOLLIN)) {
                if (!over(line, 1)) busy--;
                continue;
            }
            push(line);
            if (events[i].events & EPOLLIN && !pull(line)) busy--;
        }
    }
    report(now() - start);
    return 0;
}
