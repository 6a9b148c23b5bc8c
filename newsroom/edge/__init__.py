"""The read cache in front of Django: what everybody gets, from memory. Knows URLs and stream names, no model."""
