"""The moderators' panel, below `/moderation/`: it reads by `comments.reads.cases` and decides by `comments.actions`.

Every page and every decision works without JavaScript.
"""
