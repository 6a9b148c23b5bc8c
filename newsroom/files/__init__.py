"""Static files: they come from the apps, are packed once, and have addresses that change with their content."""
