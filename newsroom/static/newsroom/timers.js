/** Named timers: to start one again moves it. */
export class Timers {
  #ids = new Map();

  has(name) {
    return this.#ids.has(name);
  }

  start(name, wait, run) {
    this.stop(name);
    const id = setTimeout(() => {
      this.#ids.delete(name);
      run();
    }, wait);
    this.#ids.set(name, id);
  }

  stop(...names) {
    for (const name of names) {
      clearTimeout(this.#ids.get(name));
      this.#ids.delete(name);
    }
  }
}
