"""All that deals with allauth: sign-up, login, sessions, tokens, and their rate limits."""
