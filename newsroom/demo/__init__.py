"""What `manage.py demo` adds to the product: settings, invented local news, accounts, and a view of the mails."""
