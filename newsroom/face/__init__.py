"""The publisher's face: the site's name, logos, colours, footer links and welcome text, as administrators set them."""
