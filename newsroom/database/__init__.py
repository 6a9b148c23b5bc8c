"""Everything that adapts Django's ORM. When you upgrade Django, check these modules.

fit            whether the database fits this release; the time limit of statements
fields         columns that clean text before it is stored
keys           ids and comparisons for keyset pages
statements     queries that are compiled once; `writes` does the same for inserts and updates
transactions   short transactions, and functions that run at the end of one
batches        long writes in short transactions; `rewriting` uses them in migrations
postgresql, sqlite3   our two backends
"""
