"""Which signs of a text are meant as signs, though Markdown would take them for marks and leave them out.

People write "Leser*innen", "5~8 Grad" or "1986. Ein Jahr" and know of no Markdown. So stand-ins are put where a sign is
meant (`words`, `blocks`), and the signs themselves back into the HTML (`standins`). A stand-in for what was no mark
anyway changes nothing, hence these rules may be generous. What stays a mark goes round a phrase or an address, or is
seen as what it makes: a quote, a subhead, a rule, an item of a list.
"""
