/** Calls show(seconds left) once a second for so many seconds, then done(). → its timer, for clearInterval. */
export function countDown(seconds, show, done) {
  const end = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) return show(left);
    clearInterval(timer);
    return done();
  };
  const timer = setInterval(tick, 1000);
  tick();
  return timer;
}
