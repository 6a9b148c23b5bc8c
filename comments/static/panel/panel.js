/*
 * The script of moderators, on the panel's pages and on those of discussions: that of the site, and the panel's own
 * elements. So the pages of readers do not grow by these, and moderators have one connection like everybody.
 */
import "../newsroom/reader.js";
import "./newsroom-bulk.js";
import "./newsroom-held.js";
import "./newsroom-keys.js";
import "./newsroom-moderation.js";
import "./newsroom-queue.js";
