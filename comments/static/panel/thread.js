/*
 * The script of moderators on the pages of discussions: that of people with an account (newsroom/reader.js), but for
 * ignoring somebody, which moderators do not, and the elements that stand in a thread. What only the panel's own pages
 * have is in panel.js.
 */
import "../newsroom/site.js";
import "../newsroom/newsroom-bell.js";
import "../newsroom/newsroom-notices.js";
import "../comments/newsroom-outbox.js";
import "../comments/newsroom-preview.js";
import "../comments/newsroom-queue-count.js";
import "./newsroom-held.js";
import "./newsroom-moderation.js";
