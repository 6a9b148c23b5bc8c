"""What readers write: discussions, chats, comments, reactions; and what moderators decide."""
