/*
 * <newsroom-push>: has notifications shown on this device while no page is open, or no more. The browser asks only when
 * the button is pressed. As browsers forget to tell of a new address, it is sent again with each visit.
 */
import { api } from "./api.js";
import { remember, remembered } from "./remember.js";
import { say } from "./words.js";

const WHO = "push.person"; // who has switched it on: nobody else is pushed to here

class NewsroomPush extends HTMLElement {
  async connectedCallback() {
    if (!("PushManager" in globalThis) || !navigator.serviceWorker) return;
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.#turn());
    this.hidden = false;
    this.#show(remembered(WHO) === person() && (await subscription()) !== null);
  }

  async #turn() {
    this.button.disabled = true;
    this.querySelector("output").textContent = "";
    try {
      await (this.isOn ? end() : begin(this.getAttribute("key")));
      this.#show(!this.isOn);
    } catch {
      const isDenied = Notification.permission === "denied";
      this.querySelector("output").textContent = isDenied ? this.getAttribute("denied") : say("unknown");
    }
    this.button.disabled = false;
  }

  #show(isOn) {
    this.isOn = isOn;
    this.button.textContent = this.getAttribute(isOn ? "off" : "on");
  }
}

async function begin(key) {
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe(); // perhaps another person's, or with another key
  await tell(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  remember(WHO, person());
}

async function end() {
  const there = await subscription();
  remember(WHO, "");
  if (!there) return;
  await api("DELETE", "me/push/", { endpoint: there.endpoint });
  await there.unsubscribe();
}

function tell(there) {
  return api("PUT", "me/push/", there.toJSON());
}

async function subscription() {
  return (await navigator.serviceWorker.ready).pushManager.getSubscription();
}

function person() {
  return document.querySelector("newsroom-bell")?.getAttribute("stream") ?? "";
}

async function tellAgain() {
  try {
    const there = await subscription();
    if (there) await tell(there);
  } catch {
    // With the next visit.
  }
}

if (person() && remembered(WHO) === person() && navigator.serviceWorker && !sessionStorage.getItem(WHO)) {
  sessionStorage.setItem(WHO, "told");
  tellAgain();
}

customElements.define("newsroom-push", NewsroomPush);
