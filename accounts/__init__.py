"""People, roles, sanctions, API keys, notifications. Knows no other app."""
