"""`/verwaltung/nachrichten`: the words of mails – checked, shown on a real item in each language, sent to try them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ideenweg.web.forms import form_of
from ideenweg.web.pages.admin.desk import admin_get, admin_post, show
from ideenweg.web.shield import POLICY
from ideenweg.web.site import Site, site_of
from ideenweg.web.visitor import visitor_of
from ideenweg.web.wording import Wording
from notifications import trial
from notifications.errors import SendError, TemplateFault
from notifications.render import LOCALES, Rendered, Templates, sample
from workflow.access import checked_email
from workflow.errors import BadInput, NotFound

PLACE = "nachrichten"
PATH = f"/verwaltung/{PLACE}"
OWN = f"{PATH}/{{notice:name}}"

LETTER = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",  # mails carry their styles in their elements; nothing else of them is let in
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    )
)
"""The policy of a mail that is shown in a frame."""


def page(request: Request) -> HTMLResponse:
    """All notices, how they behave, which files are the operator's own, and what is wrong with any."""
    site = site_of(request)
    templates = site.workflow.templates
    return show(
        request,
        PLACE,
        "notices",
        notices=[
            (name, heading, templates.manner(name), templates.overridden(name))
            for name, heading in headings(site, site.wording(request)).items()
        ],
        faults=list(templates.check()) if "check" in request.query_params else None,
    )


def one(request: Request) -> HTMLResponse:
    """A notice on an item, in both languages. Raises NotFound for an unknown one."""
    return _page(request, {})


def letter(request: Request) -> Response:
    """The HTML of a mail, for a frame. Raises NotFound."""
    made, fault = _made(site_of(request), _notice(request), _item(request), request.path_params["locale"])
    headers = {"Content-Security-Policy": LETTER, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(made.html if made else fault, headers=headers)


def send(request: Request) -> Response:
    """Send it to one address, to try templates and server."""
    site, notice, form = site_of(request), _notice(request), form_of(request)
    app, say = site.workflow, site.wording(request)
    locale = form.text("locale") if form.text("locale") in LOCALES else LOCALES[0]
    try:
        to = checked_email(form.text("to"))
    except BadInput:
        return _page(request, {"to": say("person_no_email")}, 422)
    if app.outgoing.mail is None:
        return _page(request, {"to": say("notice_no_server")}, 422)
    made, fault = _made(site, notice, form.text("item") or None, locale)
    if made is None:
        return _page(request, {"to": fault}, 422)
    try:
        answer = trial.send(app.outgoing.mail, notice, to, locale, made, app.outgoing.domain, site.now())
    except SendError as error:
        return _page(request, {"to": say("notice_not_sent", why=str(error))}, 422)
    return site.redirect(f"{PATH}/{notice}", "notice_sent", to=to, answer=answer)


def _page(request: Request, errors: dict[str, str], status: int = 200) -> HTMLResponse:
    site, notice, number = site_of(request), _notice(request), _item(request)
    templates = site.workflow.templates
    made = {locale: _made(site, notice, number, locale) for locale in LOCALES}
    words, _ = made[site.wording(request).locale]
    answer = show(
        request,
        PLACE,
        "notice",
        status,
        name=notice,
        subject=words.subject if words else notice,
        manner=templates.manner(notice),
        own=templates.overridden(notice),
        item=number or "",
        made=made,
        email=visitor_of(request).email,
        errors=errors,
    )
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


def headings(site: Site, say: Wording) -> dict[str, str]:
    """Notice -> its subject, with the kind of what it is about in place of what differs from mail to mail."""
    templates = site.workflow.templates
    return {name: _heading(templates, name, say) for name in templates.notices}


def _heading(templates: Templates, notice: str, say: Wording) -> str:
    """The notice's name where its template is at fault, which the check tells."""
    known = sample(say.locale)
    number, title, state, day, count = (
        say(f"notice_gap_{one}") for one in ("number", "title", "state", "day", "count")
    )
    gaps = {
        **known,
        "item": {**known["item"], "number": number, "title": title, "state": state},
        "deadline": {**known["deadline"], "day": day, "date": day, "late": count},
        "digest": {**known["digest"], "due": count, "late": count},
        "batch": {**known["batch"], "count": count, "state": state},
    }
    try:
        return templates.render(say.locale, notice, gaps).subject
    except TemplateFault:
        return notice


def _made(site: Site, notice: str, number: str | None, locale: str) -> tuple[Rendered | None, str]:
    """The words, or what is wrong with the template or the number."""
    app = site.workflow
    desk = app.outgoing.desk(app.rules, app.templates)
    try:
        with app.database.reading() as connection:
            return trial.shown(connection, desk, notice, number, locale, site.now()), ""
    except (TemplateFault, NotFound) as error:
        return None, str(error)


def _notice(request: Request) -> str:
    notice = str(request.path_params["notice"])
    if notice not in site_of(request).workflow.templates.notices:
        raise NotFound("notice", notice)
    return notice


def _item(request: Request) -> str | None:
    return request.query_params.get("item", "").strip() or None


ROUTES = (
    admin_get(PATH, page),
    admin_get(f"{OWN}/{{locale}}.html", letter),
    admin_get(OWN, one),
    admin_post(OWN, send),
)
