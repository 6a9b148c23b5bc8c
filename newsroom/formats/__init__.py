"""A language's formats of dates and times that differ from Django's:
https://docs.djangoproject.com/en/6.1/topics/i18n/formatting/.
"""
