/*
 * The script of the moderators' panel: that of the site, and the panel's own elements. So the pages of readers do not
 * grow by these, and the panel has one connection like every page.
 */
import "../newsroom/site.js";
import "./newsroom-bulk.js";
import "./newsroom-keys.js";
import "./newsroom-queue.js";
