"""The submission form: handing an item in step by step, a draft kept on the way, and for others by those who work on
items. It knows no lifecycle: what is asked stands in the lifecycle file."""

from __future__ import annotations

from ideenweg.web.pages.submit import form, others, table

ROUTES = (*form.ROUTES, *others.ROUTES, *table.ROUTES)
