"""The reader's HTML: the only place that combines an article, its discussion and the ticker in one page."""
