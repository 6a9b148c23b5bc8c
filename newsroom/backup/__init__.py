"""Makes a backup of the database and the pictures as one file, and puts it back: see docs/operations.md."""
