"""What moderators work with."""
