"""What moves articles in from elsewhere: for each source a module that only reads, and one that writes."""
