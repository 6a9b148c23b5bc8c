"""Who you are and how you stand: people, roles, sanctions, tokens. Knows no other app."""
