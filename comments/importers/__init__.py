"""What moves comments in from elsewhere: for each source a module that only reads, and one that writes."""
