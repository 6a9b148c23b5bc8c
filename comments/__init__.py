"""What readers say: discussions, chats, comments, and the order in them."""
