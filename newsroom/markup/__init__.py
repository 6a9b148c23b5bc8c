"""Finds signs that people do not mean as Markdown, although Markdown would treat them as markup and drop them.

People write "Leser*innen", "5~8 Grad" or "1986. Ein Jahr" without knowing Markdown. Such signs are replaced by
stand-ins before rendering (`signs`, `blocks`), and the stand-ins by the signs in the resulting HTML (`standins`).
Replacing a sign that Markdown would leave alone changes nothing, so the rules may be generous. A sign remains markup if
it encloses a phrase or an address, or if its effect is obvious: a quote, a subhead, a rule, an item of a list.
"""
