"""The read cache in front of Django: serves public answers from memory. Knows URLs and stream names, no model."""
