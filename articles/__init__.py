"""What editors publish: articles, photos, tickers."""
