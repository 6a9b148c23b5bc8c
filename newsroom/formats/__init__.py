"""How a language writes dates and times where Django has it otherwise: https://docs.djangoproject.com/en/6.1/topics/i18n/formatting/."""
