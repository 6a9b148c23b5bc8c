/*
 * The page of a decision about many: its numbers and its bar follow the job, step by step. Once the job is at another
 * stage (done, cancelled, undone), other forms belong on the page, so it is loaded anew.
 */
import { live } from "../newsroom/live.js";

class NewsroomBulk extends HTMLElement {
  #unfollow = null;

  connectedCallback() {
    const { stream, epoch, offset } = this.#place();
    if (!this.hasAttribute("is-at-work")) return;
    this.#unfollow = live.follow(stream, {
      epoch,
      offset,
      onEvent: ({ kind, data }) => {
        if (kind === "bulk.changed" && data.id === Number(this.getAttribute("job"))) this.#show(data);
      },
      onReset: () => location.reload(),
    });
  }

  disconnectedCallback() {
    this.#unfollow?.();
  }

  #place() {
    const [stream, epoch] = [this.getAttribute("stream"), this.getAttribute("epoch")];
    return { stream, epoch, offset: Number(this.getAttribute("offset")) };
  }

  #show(job) {
    if (job.state !== this.getAttribute("state") || job.finished_at !== null) {
      this.#unfollow?.();
      location.reload();
      return;
    }
    const bar = this.querySelector("progress");
    const ahead = job.state === "undone" ? job.undone + job.left : job.done + job.refused;
    if (ahead < bar.value) return; // the page is newer
    bar.value = ahead;
    for (const field of this.querySelectorAll("[data-field]")) {
      field.textContent = job[field.dataset.field].toLocaleString(document.documentElement.lang);
    }
  }
}

customElements.define("newsroom-bulk", NewsroomBulk);
