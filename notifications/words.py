"""What mails say beside their templates: days, and why somebody gets one. In both languages."""

from __future__ import annotations

from datetime import date, datetime

from states.sentences import Text

WEEKDAYS = {"de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"), "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = {
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
}  # fmt: skip

HANDED_IN = Text(
    "Sie erhalten diese Nachricht, weil Sie diesen Vorgang eingereicht haben.",
    "You get this message because you handed this matter in.",
)
HAS_ROLE = Text(
    "Sie erhalten diese Nachricht, weil Sie hier diese Rolle haben: {role}.",
    "You get this message because you have this role here: {role}.",
)
STANDS_IN = Text(
    "Sie erhalten diese Nachricht als Vertretung einer abwesenden Person. Rolle: {role}.",
    "You get this message as the deputy of somebody who is away. Role: {role}.",
)
FOLLOWS = Text(
    "Sie erhalten diese Nachricht, weil Sie diesem Vorgang folgen.",
    "You get this message because you follow this matter.",
)
ASKED = Text(
    "Sie erhalten diese Nachricht, weil Sie darum gebeten haben.", "You get this message because you asked for it."
)
ASKED_BY_OTHER = Text(
    "Sie erhalten diese Nachricht als Vertretung einer abwesenden Person.",
    "You get this message as the deputy of somebody who is away.",
)
INVITED = Text(
    "Sie erhalten diese Nachricht, weil Sie hier mitarbeiten sollen.",
    "You get this message because you are asked to work here.",
)
ASKED_FOR_PASSWORD = Text(
    "Sie erhalten diese Nachricht, weil jemand auf der Seite „Passwort vergessen“ Ihre Adresse angegeben hat.",
    "You get this message because somebody gave your address on the page “Forgotten password”.",
)
AT_ONCE = Text(
    "Mehrere Vorgänge wurden zusammen bearbeitet, darum ist es eine Nachricht für alle.",
    "Several matters were dealt with together, so this is one message for all of them.",
)
HAS_TASKS = Text(
    "Sie erhalten diese Übersicht einmal am Tag, wenn etwas auf Sie wartet.",
    "You get this overview once a day when something waits for you.",
)


def date_of(day: date, locale: str, today: date) -> str:
    """`9. Juni`, with the year where that is not this one."""
    month = MONTHS[locale][day.month - 1]
    told = f"{day.day}. {month}" if locale == "de" else f"{day.day} {month}"
    return told if day.year == today.year else f"{told} {day.year}"


def day_of(day: date, locale: str, today: date) -> str:
    """`Di, 9. Juni`."""
    return f"{WEEKDAYS[locale][day.weekday()]}, {date_of(day, locale, today)}"


ENDS_AT = Text(
    "Bei Ihnen endet diese Frist am {day} um {time} Uhr ({zone}).",
    "Where you are, this deadline ends on {day} at {time} ({zone}).",
)


def ends_at(moment: datetime, locale: str, today: date) -> str:
    """What the clocks in the zone of `moment` show when a deadline ends, in a sentence."""
    day = day_of(moment.date(), locale, today)
    return ENDS_AT[locale].format(day=day, time=f"{moment:%H:%M}", zone=str(moment.tzinfo).replace("_", " "))
