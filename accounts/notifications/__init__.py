"""Which people are notified of which deeds, and how: subscriptions, mails, the table of deeds."""
