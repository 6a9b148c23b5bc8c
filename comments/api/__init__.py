"""The API of comments: each view checks the form, calls one action or read, and answers."""
