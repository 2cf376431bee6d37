"""Administration: for those whom the programme names for it."""

from ideenweg.web.pages.admin import audit, overview, people, person, roles, verification

ROUTES = (*overview.ROUTES, *verification.ROUTES, *audit.ROUTES, *people.ROUTES, *roles.ROUTES, *person.ROUTES)
