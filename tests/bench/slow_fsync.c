/* Preloaded into PostgreSQL: every flush takes FSYNC_US microseconds and reaches no disk. It stands for a network disk,
   whose flushes take about the same time each; a shared local one takes 0.1 ms or 300, as its neighbours like. */
#include <stdlib.h>
#include <time.h>

int fdatasync(int file) {
  long left = atol(getenv("FSYNC_US"));
  struct timespec rest = {left / 1000000, left % 1000000 * 1000};
  while (nanosleep(&rest, &rest)) continue;  // a signal shortens no flush
  return 0;
}

int fsync(int file) { return fdatasync(file); }
