"""Administration: for those whom the programme names for it."""

from ideenweg.web.pages.admin import audit, overview, verification

ROUTES = (*overview.ROUTES, *verification.ROUTES, *audit.ROUTES)
