"""Every page there is to look at: by whom, what is sent there, and with which status it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Visit:
    """An address, as `installation.Installation.places` fills it in. form: the form on it that is sent (CSS), after
    `typed` (name of a field -> its value) was put there; what is looked at is then the answer. draft: of a browser
    that keeps one."""

    path: str
    who: str | None = None
    status: int = 200
    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    factor: bool = True
    draft: bool = False

    @property
    def name(self) -> str:
        """`koordination /aufgaben`."""
        return " ".join(filter(None, (self.who and self.who.partition("@")[0], self.path, self.form)))


def _at(who: str | None, *paths: str) -> tuple[Visit, ...]:
    return tuple(Visit(path, who) for path in paths)


COORDINATION, NEIGHBOURS = "koordination@dortmund.example", "koordination@schwerte.example"
OFFICE, REVIEWER, COSIGNER = "umweltamt@dortmund.example", "begutachtung@dortmund.example", "kaemmerei@dortmund.example"
SCHOOLS, LIBRARY = "schulen@dortmund.example", "kultur@dortmund.example"
COUNCIL, MONEY, LEAD = "ratsbuero@dortmund.example", "foerdermittel@dortmund.example", "projektleitung@dortmund.example"
HEAD, SUBMITTER = "amtsleitung@dortmund.example", "einreichung@dortmund.example"
ADMINISTRATION = "verwaltung@dortmund.example"

PUBLIC = (
    *_at(
        None,
        "/",
        "/ideen",
        "/ideen?city=dortmund&order=title&q=ein",
        "/ideen?field=building-and-housing",
        "/ideen/{rich}",
        "/ideen/{pictured}",
        "/ideen/{voted}",
        "/ideen/{ended}",
        "/lebenszyklus/idea-to-project",
        "/lebenszyklus/selection-round",
        "/lebenszyklus/session",
        "/termine",
        "/downloads",
        "/barrierefreiheit",
        "/leichte-sprache",
        "/gebaerdensprache",
        "/datenschutz",
        "/impressum",
        "/api",
        "/folgen/{follow}",
        "/abmelden/{unsubscribe}",
        "/abmelden/{unfollow}",
        "/meine-idee/{own}",
        "/meine-idee/{own}/eingang",
        "/anmelden",
        "/anmelden?weiter=/aufgaben",
        "/passwort-vergessen",
        "/passwort/{reset}",
        "/einrichten/{set_up}",
        "/einreichen",
        "/einreichen/schritt/problem",
    ),
    Visit("/ideen/{rich}", status=400, form='form[action*="/folgen"]', typed={"email": "keine Adresse"}),
    Visit("/barrierefreiheit", status=400, form='main form[method="post"]'),
    Visit("/anmelden", status=422, form="form.form", typed={"email": "x@y.example", "password": "falsch"}),
    Visit("/anmelden", form="form.form", typed={"email": COORDINATION, "password": "brückenbau am kanal 1907"}),
    Visit("/passwort-vergessen", status=422, form="form.form"),
    Visit("/passwort/{reset}", status=422, form="form.form", typed={"password": "kurz"}),
    Visit("/einrichten/{set_up}", status=422, form="form.form"),
    Visit("/meine-idee/x", status=404),
    Visit("/folgen/x", status=404),
    Visit("/nichts", status=404),
    Visit("/ideen?stage=x", status=400),
    Visit("/ideen?order=x", status=400),
    Visit("/ideen/2026-9999", status=404),
    Visit("/abmelden/{unsubscribe}", form='form[action^="/abmelden/"]'),
    Visit("/folgen/{follow}", form='main form[method="post"]'),
)
DRAFTED = (
    *(
        Visit(f"/einreichen/{path}", draft=True)
        for path in (
            "schritt/problem",
            "schritt/idea",
            "schritt/benefit",
            "schritt/city",
            "schritt/documents",
            "schritt/contact",
            "schritt/terms",
            "pruefen",
        )
    ),
    Visit("/einreichen", draft=True),
    Visit("/einreichen/schritt/idea", status=422, draft=True, form="form.form", typed={"sheet:f.title": ""}),
    Visit("/einreichen/schritt/contact", status=422, draft=True, form="form.form", typed={"contact-email": "x y"}),
)
OWN = (
    *_at(
        COORDINATION,
        "/konto",
        "/konto/sitzungen",
        "/konto/passwort",
        "/konto/zweiter-faktor",
        "/konto/benachrichtigungen",
        "/konto/kalender",
        "/konto/abwesenheit",
    ),
    *_at(SUBMITTER, "/konto", "/aufgaben", "/konto/anmeldung"),
    Visit("/konto/passwort", COORDINATION, 422, "form.form", {"password": "kurz"}),
    Visit("/konto/abwesenheit", COORDINATION, 422, 'form[action="/konto/abwesenheit"]'),
    Visit("/board", SUBMITTER, 403),
    Visit("/verwaltung", COORDINATION, 403),
    Visit("/verwaltung", ADMINISTRATION, factor=False),
)
WORKING = (
    *_at(
        COORDINATION,
        "/aufgaben",
        "/aufgaben?view=mine",
        "/aufgaben?view=office",
        "/aufgaben?view=unclaimed",
        "/board",
        "/ideen/mehrere",
        "/ideen/mehrere/{batch}",
        "/ideen/{rich}/abspalten",
        "/board?city=schwerte&q=nichts",
        "/board?lifecycle=selection-round",
        "/board/{submitted}",
        "/fristen",
        "/fristen?month=2026-06",
        "/portfolio",
        "/portfolio?city=schwerte",
        "/auswahl",
        "/sitzungen",
        "/ideen/{submitted}",
        "/ideen/{needs_information}",
        "/ideen/{in_review}",
        "/ideen/{pooled}",
        "/ideen/{shortlisted}",
        "/ideen/{voted}",
        "/ideen/{rich}",
        "/ideen/{in_evaluation}",
        "/ideen/{pictured}",
        "/ideen/{on_hold}",
        "/ideen/{ended}",
        "/ideen/{round}",
        "/ideen/{session}",
        "/ideen/{rich}?ansicht=oeffentlich",
        "/ideen/{submitted}/schritt/start_review",
        "/ideen/{submitted}/schritt/reject",
        "/ideen/{submitted}/eintrag/sheet",
        "/ideen/{submitted}/eintrag/release",
        "/ideen/{rich}/eintrag/sheet/fassungen",
        "/ideen/{submitted}/beteiligte",
        "/ideen/{submitted}/verknuepfungen",
        "/ideen/{submitted}/verknuepfungen?q=baum",
        "/ideen/{submitted}/wiedervorlage",
        "/ideen/{voted}/frist",
        "/ideen/{voted}/vorlage",
        "/einreichen/fuer-andere",
        "/einreichen/fuer-andere/tabelle",
        "/einreichen/fuer-andere/projektblatt",
    ),
    *_at(NEIGHBOURS, "/aufgaben", "/ideen/{in_review}"),
    *_at(OFFICE, "/aufgaben", "/ideen/{in_review}"),
    *_at(SCHOOLS, "/aufgaben", "/ideen/{in_review}"),
    *_at(LIBRARY, "/ideen/{handover}"),
    *_at(REVIEWER, "/aufgaben", "/ideen/{shortlisted}"),
    *_at(COSIGNER, "/aufgaben", "/ideen/{shortlisted}"),
    *_at(COUNCIL, "/aufgaben", "/ideen/{voted}", "/sitzungen", "/sitzungen/{session}", "/anlegen/session"),
    *_at(MONEY, "/aufgaben", "/ideen/{before_funder}"),
    *_at(LEAD, "/aufgaben", "/ideen/{rich}", "/ideen/{rich}/eintrag/milestone"),
    *_at(HEAD, "/aufgaben", "/ideen/{submitted}"),
    Visit("/board/{submitted}/in_review", COORDINATION),
    Visit("/ideen/{submitted}/schritt/start_review", COORDINATION, 422, 'form[action*="/schritt/"]'),
    Visit("/ideen/{submitted}/schritt/start_review", COORDINATION, 409, 'form[action*="/schritt/"]', {"revision": "1"}),
    Visit("/ideen/{submitted}/eintrag/sheet", COORDINATION, 422, 'form[action*="/eintrag/"]', {"f.title": ""}),
    Visit("/ideen/{submitted}/wiedervorlage", COORDINATION, 422, 'form[action$="/wiedervorlage"]', {"on": ""}),
    Visit("/ideen/{submitted}", COORDINATION, 422, 'form[action$="/kommentar"]'),
    Visit("/sitzungen/{session}", COUNCIL, 422, 'form[action^="/sitzungen/"]', {"i0.f.paper": "DS 1"}),
    Visit("/anlegen/selection-round", COORDINATION, 422, 'form[action^="/anlegen/"]'),
    Visit("/einreichen/fuer-andere", COORDINATION, 422, 'form[action="/einreichen/fuer-andere"]'),
    Visit("/einreichen/fuer-andere/projektblatt", COORDINATION, 422, 'form[action$="/projektblatt"]'),
    Visit("/ideen/mehrere?item={submitted}", COORDINATION, 200, "form.pick"),
    Visit("/ideen/{rich}/abspalten", COORDINATION, 422, 'form[action$="/abspalten"]', {"f.title": ""}),
    Visit("/auswahl?w.public_benefit=x", COORDINATION, 422),
    Visit("/aufgaben?view=x", COORDINATION, 400),
    Visit("/board?state=x", COORDINATION, 400),
    Visit("/fristen?month=x", COORDINATION, 400),
    Visit("/portfolio?city=x", COORDINATION, 400),
    Visit("/ideen/2026-9999", COORDINATION, 404),
)
ADMINISTERING = (
    *_at(
        ADMINISTRATION,
        "/verwaltung",
        "/verwaltung/zustand",
        "/verwaltung/protokoll",
        "/verwaltung/protokoll?kind=advanced&q=zz",
        "/verwaltung/protokoll/pruefung",
        "/verwaltung/protokoll/pruefung/{verification}",
        "/verwaltung/protokoll/eintrag/item:{rich}/3",
        "/verwaltung/personen",
        "/verwaltung/personen?q=niemand",
        "/verwaltung/personen/{person}",
        "/verwaltung/personen/{person}/rolle?role=department",
        "/verwaltung/personen/{person}/loeschen",
        "/verwaltung/rollen",
        "/verwaltung/import",
        "/verwaltung/import/{import}",
        "/verwaltung/lebenszyklen",
        "/verwaltung/lebenszyklen/idea-to-project",
        "/verwaltung/lebenszyklen/session",
        "/verwaltung/lebenszyklen/idea-to-project/umstellen",
        "/verwaltung/lebenszyklen/idea-to-project/umstellen/{migration}",
        "/verwaltung/kalender",
        "/verwaltung/nachrichten",
        "/verwaltung/nachrichten?check=1",
        "/verwaltung/nachrichten/received",
        "/verwaltung/ausgang",
        "/verwaltung/ausgang?state=waiting",
        "/verwaltung/ausgang/eintrag?id={mail}",
        "/verwaltung/webhooks",
        "/verwaltung/webhooks/{webhook}",
        "/ideen/{rich}/korrektur",
        "/ideen/{rich}",
        "/aufgaben",
    ),
    Visit("/verwaltung/personen", ADMINISTRATION, 422, 'main form[method="post"]', {"email": "x y"}),
    Visit("/verwaltung/import", ADMINISTRATION, 422, 'main form[method="post"]'),
    Visit("/verwaltung/lebenszyklen", ADMINISTRATION, 422, 'main form[method="post"]'),
    Visit("/verwaltung/webhooks", ADMINISTRATION, 422, 'main form[method="post"]', {"url": "ftp://x"}),
    Visit("/verwaltung/personen/{person}/loeschen", ADMINISTRATION, 422, 'main form[method="post"]'),
    Visit("/ideen/{rich}/korrektur", ADMINISTRATION, 422, 'form[action$="/korrektur"]'),
    Visit("/verwaltung/protokoll?kind=x", ADMINISTRATION, 400),
    Visit("/verwaltung/personen/p-0", ADMINISTRATION, 404),
    Visit("/verwaltung/lebenszyklen/idea-to-project/1/unterschied", ADMINISTRATION, 404),
)
VISITS = (*PUBLIC, *DRAFTED, *OWN, *WORKING, *ADMINISTERING)
"""All of them."""
