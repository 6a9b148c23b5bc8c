"""The naive baseline of a page: an article with its comments as a plain Django project shows it to a reader.

Sessions, users, forms and templates of Django, models over the product's tables, `select_related` where a page needs
it, nothing kept from one request to the next. As many comments as the product's page, each with the same six reactions.
`DATABASE_URL=… python -m tests.bench.naive.serve PORT`.
"""
