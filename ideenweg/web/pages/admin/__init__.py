"""Administration: for those whom the programme names for it."""

from ideenweg.web.pages.admin import (
    audit,
    calendars,
    import_runs,
    importing,
    lifecycles,
    migrate,
    migrate_run,
    notices,
    outbox,
    overview,
    people,
    person,
    roles,
    verification,
    webhooks,
)

ROUTES = (
    *overview.ROUTES,
    *verification.ROUTES,
    *audit.ROUTES,
    *people.ROUTES,
    *roles.ROUTES,
    *person.ROUTES,
    *importing.ROUTES,
    *import_runs.ROUTES,
    *lifecycles.ROUTES,
    *migrate.ROUTES,
    *migrate_run.ROUTES,
    *calendars.ROUTES,
    *notices.ROUTES,
    *outbox.ROUTES,
    *webhooks.ROUTES,
)
