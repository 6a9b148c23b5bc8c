/*
 * The site's one script: each element's own module in its app, with what it imports. A page asks for this file alone,
 * since the server puts the others into it (newsroom/files/scripts.py). What a page does not have costs nothing.
 */
import "./time.js";
import "./page.js";
import "./place.js";
import "./back.js";
import "./newsroom-kept.js";
import "./newsroom-live-badge.js";
import "./newsroom-share.js";
import "./newsroom-side.js";
import "./newsroom-subscribe.js";
import "../articles/newsroom-blog.js";
import "../articles/newsroom-news.js";
import "../articles/newsroom-ticker.js";
import "../comments/newsroom-chat.js";
import "../comments/newsroom-chats.js";
import "../comments/newsroom-discussion.js";
