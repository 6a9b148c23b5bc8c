"""What all API views share: errors, pages, rendering."""
