"""What the admin of all apps shares: its look, its forms, its sentences."""
