/*
 * Draws a comment into the partial that the server keeps in <template data-comment>: comments/comment_box.html.
 */
import { addressOf } from "../newsroom/addresses.js";
import { setHTML } from "../newsroom/api.js";
import { setTime } from "../newsroom/time.js";
import { say } from "../newsroom/words.js";
import { Ignored } from "./ignored.js";
import { Palette } from "./reactions.js";
import { rove } from "./toolbar.js";

const STAFF = new Set(["journalist", "moderator", "editor", "administrator"]);
const COLOURS = 12;

/** Makes <li> elements for one discussion. `viewer`: who looks on, {me: id or null, editSeconds}. */
export class CommentDrawing {
  /** host: the element of the discussion, with its <template data-comment> and <template data-palette>. */
  constructor(host) {
    this.template = host.querySelector("template[data-comment]");
    this.palette = new Palette(host);
    const me = host.hasAttribute("me") ? Number(host.getAttribute("me")) : null;
    this.viewer = { me, editSeconds: Number(host.getAttribute("edit-seconds")) };
    this.ignored = new Ignored(host);
  }

  /** A new element for a comment as the API gives it. */
  draw(comment) {
    const element = this.template.content.querySelector("li").cloneNode(true);
    if (comment.parent) for (const part of element.querySelectorAll("[data-replies], [data-more]")) part.remove();
    this.redraw(element, comment);
    return element;
  }

  /** Brings an element up to date; focus, replies and open forms in it stay. */
  redraw(element, comment) {
    const box = element.querySelector(".comment-box");
    const field = (name) => box.querySelector(`[data-field="${name}"]`);
    const isGone = comment.state !== "published" && comment.state !== "held";
    const wasLocked = element.hasAttribute("data-locked");
    element.id = comment.id ? `comment-${comment.id}` : "";
    if (comment.id) element.dataset.id = comment.id;
    element.dataset.state = comment.state;
    element.dataset.author = comment.author?.id ?? "";
    element.dataset.created = comment.created_at;
    element.dataset.parent = comment.parent ?? "";
    element.classList.toggle("is-gone", isGone);
    this.#drawAvatar(field("avatar"), comment.author);
    const author = field("author");
    author.textContent = comment.author?.name ?? "";
    if (comment.author?.page) author.href = comment.author.page;
    else author.removeAttribute("href");
    show(field("role"), STAFF.has(comment.author?.role) ? say(`role_${comment.author.role}`) : "");
    setTime(field("link").querySelector("[data-time]"), comment.created_at);
    if (field("html").innerHTML !== comment.html) setHTML(field("html"), comment.html);
    field("html").hidden = isGone || box.querySelector("form.is-editing") !== null;
    show(field("gone"), isGone ? say(comment.state) : "");
    field("edited").hidden = !comment.edited_at || isGone;
    for (const mark of ["pinned", "featured", "locked", "by_author"]) field(mark).hidden = !comment[mark];
    const isTurned = element.toggleAttribute("data-locked", !!comment.locked) !== wasLocked;
    this.palette.show(element, { reactions: {}, ...comment });
    this.#address(element, comment.id);
    this.#name(box, comment.author?.name ?? "");
    this.ignored.show(element);
    this.refreshActions(element);
    if (isTurned) this.#refreshBelow(element.closest("[data-list]"));
  }

  /** Brings what this viewer may do beneath `host` up to date: new deeds become bars; one's own come to an end. */
  refreshOwn(host) {
    const { me } = this.viewer;
    if (me === null) return;
    for (const foot of host.querySelectorAll("li.comment .comment-foot:not([role])")) rove(foot);
    for (const each of host.querySelectorAll(`li.comment[data-author="${me}"]`)) this.refreshActions(each);
    if (host.querySelector("[data-locked]")) this.#refreshBelow(host);
  }

  #refreshBelow(host) {
    for (const each of host?.querySelectorAll("li.comment:not(.is-held)") ?? []) this.refreshActions(each);
  }

  /** Shows what this viewer may do with a comment now: editing ends after a few minutes. */
  refreshActions(element) {
    const { me, editSeconds } = this.viewer;
    const { state, author, created } = element.dataset;
    const isMine = me !== null && author === String(me) && state === "published";
    const isFresh = Date.now() - new Date(created).getTime() < editSeconds * 1000;
    for (const action of element.querySelectorAll(":scope > .comment-box [data-action]")) {
      const isThere = state === "published";
      const rights = {
        reply: isThere && !isLocked(element),
        quote: isThere && !isLocked(element),
        edit: isMine && isFresh,
        withdraw: isMine,
        report: isThere && !isMine,
        ignore: Boolean(isThere && author && !isMine && this.ignored.pattern),
        mute: author && author !== String(me),
      };
      action.hidden = !(rights[action.dataset.action] ?? true);
    }
    rove(element.querySelector(":scope > .comment-box .comment-foot"));
  }

  #drawAvatar(slot, author) {
    slot.className = `avatar avatar-${(author?.id ?? 0) % COLOURS}`;
    const src = author?.avatar ?? null;
    if (src && slot.firstElementChild?.getAttribute("src") === src) return; // drawn anew it would flicker
    slot.textContent = author?.name.slice(0, 1) ?? "–";
    if (src) slot.append(Object.assign(new Image(), { src, alt: "" }));
  }

  /** Links that are alike say whose comment they are about. */
  #name(box, name) {
    for (const deed of ["reply", "quote", "moderate", "mute", "report", "ignore"]) {
      box.querySelector(`[data-action="${deed}"]`)?.setAttribute("aria-label", say(`deed_${deed}`, { name }));
    }
  }

  #address(element, id) {
    if (!id) return; // it is on its way
    const link = (selector, name, more = "") => {
      element.querySelector(selector)?.setAttribute("href", addressOf(name, { pk: id }) + more);
    };
    link('[data-field="link"]', "comment");
    link('[data-action="reply"]', "replies", "?reply#composer");
    link('[data-action="quote"]', "replies", "?reply&quote#composer");
    link('[data-action="edit"]', "comment-edit");
    link('[data-action="withdraw"]', "comment-edit");
    link("[data-add-reaction]", "comment-reactions");
    link('[data-action="moderate"]', "comment-moderate");
    link('[data-action="mute"]', "comment-moderate", "#bar");
    link('[data-action="report"]', "comment-report");
    link('[data-action="ignore"]', "comment-ignore");
    link("[data-more]", "replies");
  }
}

/** Whether nobody can answer it: a moderator has locked it, or one above it that the page shows. */
function isLocked(element) {
  if (!element) return false;
  return element.hasAttribute("data-locked") || isLocked(document.getElementById(`comment-${element.dataset.parent}`));
}

function show(element, text) {
  element.textContent = text;
  element.hidden = !text;
}
