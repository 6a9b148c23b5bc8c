/* Thousands of WebSocket readers in one process, and somebody who has things published for them.

   readers -p PORT -n READERS -u PATH [-h HOST] [-m MARK] [-a READERS_PER_ADDRESS]
           [-P PATH_TO_PUBLISH -t TEMPLATE [-H HEADER_LINES] [-s BYTES]] [-f FILE_DESCRIPTOR] [-r STREAM]

   A message is known by MARK and its number, anywhere in a frame. To publish one, TEMPLATE is sent over a socket of
   its own ($n is the number, $k a UUID made from it, $p fills up to BYTES), or its number is written to the descriptor
   as a line. With -r the readers follow STREAM of the product, note where they are, and come back and resume.

   Commands on stdin, answers on stdout, a line of JSON each:
     single COUNT GAP_MS       one message at a time, the next one GAP_MS after all readers have it
     flood SECONDS WINDOW      always WINDOW messages on their way
     watch SECONDS             whatever others publish
     quit                                                                                                        */
#include "connections.h"

/* --- phases */

static void publish(void) {
  u64 number = now_on.published + now_on.base;
  now_on.sent[now_on.published++] = now();
  if (pipe_fd >= 0) {
    dprintf(pipe_fd, "%llu\n", (unsigned long long)number);
    return;
  }
  static char text[65000];
  size_t length = 0;
  for (const char *at = form; *at; at++) {
    if (*at != '$') text[length++] = *at;
    else if (*++at == 'n') length += sprintf(text + length, "%llu", (unsigned long long)number);
    else if (*at == 'k') length += sprintf(text + length, "%08x-0000-4000-8000-%012llx", port, (unsigned long long)number);
    else for (int left = size - (int)length - (int)strlen(at + 1); left > 0; left--) text[length++] = left % 7 ? 'a' + left % 23 : ' ';
  }
  send_frame(&publisher, 1, text, length);
}

static void begin_phase(void) {
  u64 *sent = now_on.sent, *last = now_on.last, *latencies = now_on.latencies;
  uint32_t *reached = now_on.reached;
  memset(&now_on, 0, sizeof now_on);
  now_on.sent = sent, now_on.last = last, now_on.latencies = latencies, now_on.reached = reached;
  memset(reached, 0, MOST * sizeof *reached);
  memset(latencies, 0, 100000 * sizeof *latencies);
  now_on.begun = now();
  now_on.base = now_on.begun / 1000;
}

/* Until all that was published is with all, or nothing comes any more. */
static void wait_for_all(void) {
  u64 before = now_on.delivered, since = now();
  while (now_on.complete < now_on.published && now() - since < STALLED) {
    turn(20);
    if (now_on.delivered != before) before = now_on.delivered, since = now();
  }
}

static void single(int count, double gap) {
  for (int i = 0; i < count; i++) {
    u64 until = now() + (u64)(gap * MILLI);
    for (u64 at; i && (at = now()) < until;) turn((until - at) / MILLI);
    publish();
    wait_for_all();
  }
}

static void flood(double seconds, u64 window) {
  u64 until = now_on.begun + (u64)(seconds * SECOND), before = 0, since = now();
  while (now() < until && now_on.published < MOST && now() - since < STALLED) {
    while (now_on.published < now_on.complete + window && now_on.published < MOST) publish();
    turn(20);
    if (now_on.delivered != before) before = now_on.delivered, since = now();
  }
  wait_for_all();
}

static double latency(double share) {
  u64 wanted = share * now_on.delivered, seen = 0;
  for (int i = 0; i < 100000; i++)
    if ((seen += now_on.latencies[i]) > wanted) return i / 10.0;
  return 0;
}

static void report(void) {
  u64 behind = 0, top = 0;
  for (int i = 0; i < readers; i++) top = all[i].offset > top ? all[i].offset : top;
  for (int i = 0; i < readers; i++) behind += all[i].offset < top;
  u64 silence = now_on.silence / MILLI, resumed_ns = now_on.resumed_at;
  printf("{\"open\":%d,\"published\":%llu,\"complete\":%llu,\"delivered\":%llu,\"frames\":%llu,\"seconds\":%.3f,"
         "\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"closed\":%llu,\"refused\":%llu,\"failed_5xx\":%llu,\"resumed\":%llu,\"resumed_at\":%llu,"
         "\"gaps\":%llu,\"resets\":%llu,\"behind\":%llu,\"top\":%llu,\"silence_ms\":%llu,\"messages\":[",
         open_now, (unsigned long long)now_on.published, (unsigned long long)now_on.complete, (unsigned long long)now_on.delivered,
         (unsigned long long)now_on.frames, (now() - now_on.begun) / 1e9, latency(.5), latency(.99), (unsigned long long)now_on.closed,
         (unsigned long long)now_on.refused, (unsigned long long)now_on.failed_5xx, (unsigned long long)now_on.resumed, (unsigned long long)resumed_ns,
         (unsigned long long)now_on.gaps, (unsigned long long)now_on.resets, (unsigned long long)behind, (unsigned long long)top, (unsigned long long)silence);
  for (u64 i = 0; i < now_on.published && i < 1000; i++)  // when each was sent, and when the last reader had it
    printf("%s[%llu,%llu]", i ? "," : "", (unsigned long long)now_on.sent[i], (unsigned long long)now_on.last[i]);
  printf("]}\n");
  fflush(stdout);
}

static int obey(const char *line) {
  char command[20] = "";
  double first = 0, second = 0;
  sscanf(line, "%19s %lf %lf", command, &first, &second);
  begin_phase();
  if (!strcmp(command, "single")) single(first, second);
  else if (!strcmp(command, "flood")) flood(first, second);
  else if (!strcmp(command, "watch")) while (now() < now_on.begun + (u64)(first * SECOND)) turn(20);
  else return 0;
  report();
  return 1;
}

static void read_options(int count, char **given) {
  for (int option; (option = getopt(count, given, "p:n:u:h:m:a:P:t:H:s:f:r:")) != -1;)
    switch (option) {
      case 'p': port = atoi(optarg); break;
      case 'n': readers = atoi(optarg); break;
      case 'u': path = optarg; break;
      case 'h': host = optarg; break;
      case 'm': mark = optarg; break;
      case 'a': per_address = atoi(optarg); break;
      case 'P': pub_path = optarg; break;
      case 't': form = optarg; break;
      case 'H': headers = optarg; break;
      case 's': size = atoi(optarg); break;
      case 'f': pipe_fd = atoi(optarg); break;
      case 'r': stream = optarg; break;
      default: exit(2);
    }
}

int main(int count, char **given) {
  read_options(count, given);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  poll_fd = epoll_create1(0);
  all = room(readers * sizeof *all);
  now_on.sent = room(MOST * 8), now_on.last = room(MOST * 8), now_on.latencies = room(100000 * 8), now_on.reached = room(MOST * 4);
  begin_phase();
  for (int i = 0; i < readers; i++) all[i].index = i;
  publisher.index = readers;
  while (open_now < readers && now_on.refused < 1000) turn(20);
  if (pub_path) begin(&publisher);
  for (u64 since = now(); now() < since + SECOND || (pub_path && publisher.state != OPEN);) turn(20);
  report();
  char line[200] = "";
  fcntl(0, F_SETFL, O_NONBLOCK);
  for (size_t held = 0;; turn(20)) {  // pings are answered meanwhile
    ssize_t got = read(0, line + held, sizeof line - 1 - held);
    if (got == 0) return 0;
    if (got > 0) held += got, line[held] = 0;
    if (!strchr(line, '\n')) continue;
    if (!obey(line)) return 0;
    held = 0, line[0] = 0;
  }
}
