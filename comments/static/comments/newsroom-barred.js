/*
 * <newsroom-barred>: stands where one writes, and says why and how long one may not. Once what this person may do has
 * changed, by a moderator or by time, the discussion comes anew, as the server draws it then; drafts stay.
 */
import { elementOf } from "../newsroom/api.js";
import { live } from "../newsroom/live.js";
import { settled } from "../newsroom/newsroom-side.js";
import { countDown } from "./countdown.js";

const SPARE_S = 2; // the server ends a restriction within a second, and says so
const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]]; // lengths in seconds
const RIGHTS = "[data-barred], template[data-comment], template[data-palette]"; // parts that differ by what one may do

class NewsroomBarred extends HTMLElement {
  #unfollow = null;
  #timer = 0;
  #asked = 0; // how often

  connectedCallback() {
    this.#follow();
    const place = this.querySelector("[data-left]");
    if (!place) return;
    const show = (left) => (place.textContent = ahead(left));
    this.#timer = countDown(Number(place.dataset.left) + SPARE_S, show, () => this.#renew());
    place.parentElement.hidden = false;
  }

  disconnectedCallback() {
    this.#unfollow();
    clearInterval(this.#timer);
  }

  #follow() {
    this.#unfollow = live.follow(this.getAttribute("stream"), {
      onEvent: ({ kind }) => kind.startsWith("sanction.") && this.#renew(),
      onReset: () => {
        this.#follow();
        this.#renew();
      },
    });
  }

  async #renew() {
    const host = this.closest("newsroom-discussion, newsroom-chat");
    const asked = (this.#asked += 1);
    const fresh = await elementOf(host.page, host.localName).catch(() => null);
    if (asked !== this.#asked) return; // something changed meanwhile, and a later answer knows of it
    if (!fresh || !this.isConnected || rights(fresh) === rights(host)) return;
    const beside = host.getAttribute("src");
    host.replaceWith(beside ? settled(fresh, beside) : document.adoptNode(fresh));
  }
}

/** "in 2 Tagen", "in 45 Sekunden" */
function ahead(seconds) {
  const [unit, size] = UNITS.find(([, each]) => seconds > 2 * each || each === 1);
  return new Intl.RelativeTimeFormat(document.documentElement.lang).format(Math.ceil(seconds / size), unit);
}

function rights(host) {
  return [...host.querySelectorAll(RIGHTS)].map((part) => part.innerHTML).join();
}

customElements.define("newsroom-barred", NewsroomBarred);
