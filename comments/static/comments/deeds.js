/*
 * What people do with a comment in place: reply, edit, withdraw, and for moderators the dialog.
 */
import { api } from "../newsroom/api.js";
import { isComposing } from "../newsroom/keys.js";
import { say, sayProblem } from "../newsroom/words.js";
import { Draft } from "./draft.js";
import { Reactions } from "./reactions.js";

const UNDO_MS = 60_000;
let refusals = 0; // so many sentences have an id

export class CommentDeeds {
  /** host: the element that holds the comments, with `drawing`, `place(comment)` and `reply(element, id)`. */
  constructor(host) {
    this.host = host;
    const tell = (element, sentence) => complain(element.querySelector(".comment-box"), sentence);
    this.reactions = new Reactions(host.drawing.palette, tell);
    this.report = host.querySelector("newsroom-report");
    this.ignore = host.querySelector("newsroom-ignore");
    this.moderation = host.querySelector("newsroom-moderation"); // of moderators, whose script defines it
  }

  /** Does what the link says; false where the link should simply be followed. */
  take(link) {
    const element = link.closest("li.comment");
    const id = Number(element.dataset.id);
    switch (link.dataset.action) {
      case "reply":
        this.host.reply(element, id);
        return true;
      case "quote":
        this.#quote(element, id);
        return true;
      case "edit":
        this.#edit(element, id);
        return true;
      case "withdraw":
        this.#withdraw(element, id);
        return true;
      case "moderate":
        this.moderation?.open(element, id, link);
        return Boolean(this.moderation);
      case "report":
        ask(this.report, link, element);
        return Boolean(this.report);
      case "ignore":
        ask(this.ignore, link, element, this.host.drawing.ignored);
        return Boolean(this.ignore);
      default:
        return false;
    }
  }

  /** What the reader has marked in the comment, else all of it as it was written. */
  async #quote(element, id) {
    const box = element.querySelector(".comment-box");
    const marked = getSelection();
    const isInside = marked.anchorNode && box.querySelector('[data-field="html"]').contains(marked.anchorNode);
    try {
      const said = (isInside && marked.toString().trim()) || (await api("GET", `comments/${id}/`)).data.text;
      this.host.reply(element, id, said);
    } catch (problem) {
      complain(box, sayProblem(problem));
    }
  }

  async #edit(element, id) {
    const box = element.querySelector(".comment-box");
    if (box.querySelector("form")) return;
    try {
      const { data } = await api("GET", `comments/${id}/`);
      this.#openEditor(element, box, data);
    } catch (problem) {
      complain(box, sayProblem(problem));
    }
  }

  #openEditor(element, box, comment) {
    const shown = box.querySelector('[data-field="html"]');
    const form = document.createElement("form");
    form.className = "composer is-editing";
    const draft = new Draft("comment", comment.id);
    const text = document.createElement("textarea");
    text.dir = "auto";
    text.value = draft.recall() || comment.text;
    text.addEventListener("input", () => draft.keep(text.value));
    text.setAttribute("aria-label", say("edit_comment"));
    const foot = document.createElement("div");
    foot.className = "composer-foot";
    const close = () => {
      draft.keep("");
      form.remove();
      shown.hidden = element.dataset.state !== "published";
      box.focus();
    };
    foot.append(
      button(say("cancel"), "button button-quiet button-small", close),
      button(say("save"), "button button-primary button-small"),
    );
    form.append(text, foot);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(form, comment, text.value.trim(), close);
    });
    text.addEventListener("keydown", (event) => {
      if (isComposing(event)) return;
      if (event.key === "Escape") close();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    shown.hidden = true;
    shown.after(form);
    text.focus();
    form.scrollIntoView({ block: "nearest" }); // with its buttons
  }

  async #save(form, comment, text, close) {
    if (!text) return refuse(form, say("empty_text"));
    try {
      const { data } = await api("PATCH", `comments/${comment.id}/`, { text }, { "If-Match": `"v${comment.version}"` });
      this.host.place(data);
      close();
    } catch (problem) {
      refuse(form, problem.errors?.text?.[0] ?? sayProblem(problem, "text"));
    }
    return undefined;
  }

  async #withdraw(element, id) {
    const box = element.querySelector(".comment-box");
    try {
      await api("DELETE", `comments/${id}/`);
      const { data } = await api("GET", `comments/${id}/`);
      this.host.place(data);
      box.focus();
      this.#offerUndo(box, `comments/${id}/undo/`);
    } catch (problem) {
      complain(box, sayProblem(problem));
    }
  }

  /** A moderator has decided about a comment, which now stands as it is given. */
  decided(comment, decision) {
    this.host.place(comment);
    const box = this.host.querySelector(`li.comment[data-id="${comment.id}"] .comment-box`);
    if (box) this.#offerUndo(box, `decisions/${decision}/undo/`);
  }

  /** For a minute the way back stands beneath. */
  #offerUndo(box, address) {
    const offer = button(say("undo"), "button button-small", async () => {
      try {
        const { data } = await api("POST", address);
        this.host.place(data);
        offer.remove();
        box.focus();
      } catch (problem) {
        complain(box, sayProblem(problem));
      }
    });
    box.append(offer);
    setTimeout(() => offer.remove(), UNDO_MS);
  }
}

/** Opens a dialog, whose script is fetched when it is first asked for. Where it does not come, the link is followed. */
async function ask(dialog, link, ...about) {
  if (!dialog) return;
  try {
    await import(dialog.dataset.script);
  } catch {
    location.assign(link.href);
    return;
  }
  dialog.open(link, ...about);
}

function button(label, classes, onClick = null) {
  const made = document.createElement("button");
  made.className = classes;
  made.textContent = label;
  made.type = onClick ? "button" : "submit";
  if (onClick) made.addEventListener("click", onClick);
  return made;
}

/** The sentence at the text that is being changed, which keeps what was typed. */
function refuse(form, sentence) {
  const text = form.querySelector("textarea");
  const line = complain(form, sentence);
  line.id ||= `refusal-${++refusals}`;
  text.setAttribute("aria-invalid", "true");
  text.setAttribute("aria-describedby", line.id);
  text.focus();
}

/** One sentence about what went wrong, at the end of `box`; none once it has gone well. */
function complain(box, sentence) {
  let line = box.querySelector(":scope > .composer-error");
  if (!sentence) {
    line?.remove();
    return null;
  }
  if (!line) {
    line = document.createElement("p");
    line.className = "composer-error";
    line.setAttribute("role", "alert");
    box.append(line);
  }
  line.textContent = sentence;
  return line;
}
