"""The reader's HTML: the one place that puts an article, its discussion and the ticker on one page."""
