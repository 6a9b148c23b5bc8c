"""Imports of comments: for each source a module that only reads it, and one module that writes."""
