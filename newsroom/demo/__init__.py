"""What `manage.py demo` adds to the product: an environment, invented local news, accounts and a look at the mails."""
