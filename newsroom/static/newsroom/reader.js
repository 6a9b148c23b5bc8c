/*
 * The script of people who are logged in: that of the site, and what only they have. So a first visit loads none of it.
 */
import "./site.js";
import "./newsroom-bell.js";
import "./newsroom-notices.js";
import "./newsroom-notifications.js";
import "./newsroom-push.js";
import "../comments/newsroom-barred.js";
import "../comments/newsroom-outbox.js";
import "../comments/newsroom-preview.js";
import "../comments/newsroom-queue-count.js";
