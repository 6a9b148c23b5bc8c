"""Words of texts and queries, and the index that holds them, on either database."""
