/*
 * The script of moderators on the panel's pages: that of discussions, and the panel's own elements. So the pages of
 * readers do not grow by these, and moderators have one connection like everybody.
 */
import "./thread.js";
import "./newsroom-bulk.js";
import "./newsroom-keys.js";
import "./newsroom-queue.js";
