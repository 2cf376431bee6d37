"""`/meine-idee/{token}`: what somebody handed in, followed, answered and withdrawn by a signed link, with no account.

The link is the key: whoever has it acts as that person, on that item alone. Looking changes nothing – mail scanners
follow every link.
"""

from ideenweg.web.pages.mine import deeds, page

ROUTES = (*page.ROUTES, *deeds.ROUTES)
"""The texts are `own_…` in locale/…/submit.po."""
