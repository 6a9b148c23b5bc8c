/*
 * The script of moderators on the pages of discussions: that of people with an account, and the elements that stand in
 * a thread. What only the panel's own pages have is in panel.js.
 */
import "../newsroom/reader.js";
import "./newsroom-held.js";
import "./newsroom-moderation.js";
