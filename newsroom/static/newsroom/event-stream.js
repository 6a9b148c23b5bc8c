/*
 * Server-sent events with the face of a WebSocket, for networks that let none through. It can only listen: to follow
 * something else means to open another one. When it is lost it does not come back by itself: see live.js.
 */
export class EventStream extends EventTarget {
  readyState = 0;
  #source;

  constructor(url) {
    super();
    this.#source = new EventSource(url);
    this.#source.addEventListener("open", () => {
      this.readyState = 1;
      this.dispatchEvent(new Event("open"));
    });
    this.#source.addEventListener("message", ({ data }) => {
      this.dispatchEvent(Object.assign(new Event("message"), { data }));
    });
    this.#source.addEventListener("error", () => {
      this.close();
      this.dispatchEvent(Object.assign(new Event("close"), { code: 1006 }));
    });
  }

  close() {
    this.readyState = 3;
    this.#source.close();
  }
}
