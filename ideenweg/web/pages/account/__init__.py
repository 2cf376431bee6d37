"""Signing in and out, and what people set about their own account."""

from ideenweg.web.pages.account.connected import ROUTES as CONNECTED
from ideenweg.web.pages.account.passwords import ROUTES as PASSWORDS
from ideenweg.web.pages.account.profile import ROUTES as PROFILE
from ideenweg.web.pages.account.second_factor import ROUTES as SECOND_FACTOR
from ideenweg.web.pages.account.sessions import ROUTES as SESSIONS
from ideenweg.web.pages.account.set_up import ROUTES as SET_UP
from ideenweg.web.pages.account.sign_in import ROUTES as SIGN_IN

ROUTES = (*SIGN_IN, *PASSWORDS, *SET_UP, *PROFILE, *SESSIONS, *SECOND_FACTOR, *CONNECTED)
