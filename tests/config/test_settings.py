"""Settings: what each variable takes, and what a wrong value is told."""

from pathlib import Path

import pytest

from config.settings import SHIPPED, Settings, WrongSetting, database_url, on_loopback

SECRET = "s3cret-pässwort"


def test_nothing_set_is_the_own_machine() -> None:
    settings = Settings.from_env({})
    assert settings.database_url == "sqlite:///ideenweg.db"
    assert settings.owner_database_url is None
    assert settings.config_dir == SHIPPED
    assert settings.documents == Path("documents")
    assert settings.base_url is None


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_env({"IDEENWEG_DATABASE_URL": " ", "IDEENWEG_BASE_URL": ""}) == Settings.from_env({})


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("sqlite:////var/lib/a.db", "sqlite:////var/lib/a.db"),
        ("sqlite+pysqlite:///a.db", "sqlite:///a.db"),
        ("postgresql://u:p@db:5432/ideen", "postgresql+psycopg://u:p@db:5432/ideen"),
        ("postgres://u@db/ideen", "postgresql+psycopg://u@db/ideen"),
        ("postgresql+psycopg://u@db/ideen", "postgresql+psycopg://u@db/ideen"),
        ("postgresql:///ideen?host=/run/postgresql", "postgresql+psycopg:///ideen?host=%2Frun%2Fpostgresql"),
        ("postgresql://u:p%40ss@db/ideen", "postgresql+psycopg://u:p%40ss@db/ideen"),
    ],
)
def test_a_database_url_gets_its_driver(given: str, taken: str) -> None:
    assert database_url(given) == taken
    assert database_url(taken) == taken


@pytest.mark.parametrize(
    ("environ", "variable", "wrong"),
    [
        ({"IDEENWEG_DATABASE_URL": "ideen.db"}, "IDEENWEG_DATABASE_URL", "is no database URL"),
        ({"IDEENWEG_DATABASE_URL": "postgresql://u@db:port/x"}, "IDEENWEG_DATABASE_URL", "is no database URL"),
        ({"IDEENWEG_DATABASE_URL": "postgresql://u@db"}, "IDEENWEG_DATABASE_URL", "names no database"),
        ({"IDEENWEG_DATABASE_URL": "mysql://u@db/x"}, "IDEENWEG_DATABASE_URL", "not supported: mysql"),
        ({"IDEENWEG_DATABASE_URL": "sqlite://"}, "IDEENWEG_DATABASE_URL", "names no file"),
        ({"IDEENWEG_DATABASE_URL": "sqlite:///:memory:"}, "IDEENWEG_DATABASE_URL", "names no file"),
        ({"IDEENWEG_OWNER_DATABASE_URL": "postgresql://u@db/x"}, "IDEENWEG_OWNER_DATABASE_URL", "PostgreSQL alone"),
        ({"IDEENWEG_CONFIG_DIR": "/no/such/folder"}, "IDEENWEG_CONFIG_DIR", "no folder with a programme.yaml"),
        ({"IDEENWEG_DOCUMENTS": __file__}, "IDEENWEG_DOCUMENTS", "is a file"),
        ({"IDEENWEG_BASE_URL": "ideen.example.org"}, "IDEENWEG_BASE_URL", "does not begin with https://"),
        ({"IDEENWEG_BASE_URL": "https://"}, "IDEENWEG_BASE_URL", "does not begin with https://"),
        ({"IDEENWEG_BASE_URL": "https://a.example:port"}, "IDEENWEG_BASE_URL", "is no address"),
        ({"IDEENWEG_BASE_URL": "http://ideen.example.org"}, "IDEENWEG_BASE_URL", "is not encrypted"),
        ({"IDEENWEG_BASE_URL": "https://u:p@a.example"}, "IDEENWEG_BASE_URL", "holds more than"),
        ({"IDEENWEG_BASE_URL": "https://a.example/?x=1"}, "IDEENWEG_BASE_URL", "holds more than"),
        ({"IDEENWEG_TRUSTED_PROXIES": "*"}, "IDEENWEG_TRUSTED_PROXIES", "no address and no network"),
        ({"IDEENWEG_TRUSTED_PROXIES": "10.0.0.5,"}, "IDEENWEG_TRUSTED_PROXIES", "no address and no network"),
        ({"IDEENWEG_TRUSTED_PROXIES": "10.0.0.5/8"}, "IDEENWEG_TRUSTED_PROXIES", "no address and no network"),
        ({"IDEENWEG_TRUSTED_PROXIES": "::/0"}, "IDEENWEG_TRUSTED_PROXIES", "would believe everybody"),
    ],
)
def test_a_wrong_value_names_the_variable_the_fault_and_what_would_be_right(
    environ: dict[str, str], variable: str, wrong: str
) -> None:
    with pytest.raises(WrongSetting) as caught:
        Settings.from_env(environ)
    assert caught.value.variable == variable
    assert wrong in str(caught.value)
    assert caught.value.right in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_line_is_told_of_its_own_option() -> None:
    with pytest.raises(WrongSetting, match=r"^--database is no database URL"):
        database_url("nonsense", "--database")


def test_no_password_is_ever_shown() -> None:
    environ = {
        "IDEENWEG_DATABASE_URL": f"postgresql://app:{SECRET}@db/ideen",
        "IDEENWEG_OWNER_DATABASE_URL": f"postgresql://owner:{SECRET}@db/ideen",
    }
    assert SECRET not in repr(Settings.from_env(environ))
    with pytest.raises(WrongSetting) as caught:
        Settings.from_env({"IDEENWEG_DATABASE_URL": f"mysql://app:{SECRET}@db/ideen"})
    assert SECRET not in str(caught.value)


def test_folders_and_addresses_are_taken_as_given(tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text("programme: x\n")
    settings = Settings.from_env(
        {
            "IDEENWEG_DATABASE_URL": f"sqlite:///{tmp_path}/a.db",
            "IDEENWEG_CONFIG_DIR": str(tmp_path),
            "IDEENWEG_BASE_URL": "https://ideen.example.org/smart/",
        }
    )
    assert settings.config_dir == tmp_path
    assert settings.documents == tmp_path / "documents"  # beside the database
    assert settings.base_url == "https://ideen.example.org/smart"


def test_proxies_are_addresses_and_networks() -> None:
    environ = {"IDEENWEG_TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/24,2001:db8::/64"}
    assert Settings.from_env(environ).trusted_proxies == ("10.0.0.5", "10.1.0.0/24", "2001:db8::/64")
    assert Settings.from_env({}).trusted_proxies == ()


def test_an_unencrypted_address_is_for_the_own_machine() -> None:
    assert Settings.from_env({"IDEENWEG_BASE_URL": "http://127.0.0.1:8000"}).base_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("LocalHost", True),
        ("::", False),
        ("192.168.0.4", False),
        ("localhost.example.org", False),
    ],
)
def test_what_is_this_machine_alone(host: str, alone: bool) -> None:
    assert on_loopback(host) is alone


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "starttls"),
    [
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, False, False),
        ("smtp://mail.example.org", "mail.example.org", 25, False, True),
        ("smtp://u%40x:p%3A@mail.example.org", "mail.example.org", 587, False, True),
        ("smtps://mail.example.org", "mail.example.org", 465, True, False),
    ],
)
def test_a_mail_server_is_encrypted_wherever_it_is_not_this_machine(
    url: str, host: str, port: int, tls: bool, starttls: bool
) -> None:
    mail = Settings.from_env({"IDEENWEG_SMTP_URL": url}).mail
    assert mail is not None
    assert (mail.host, mail.port, mail.tls, mail.starttls) == (host, port, tls, starttls)


@pytest.mark.parametrize(
    "url",
    ["mail.example.org", "stmp://mail.example.org", "smtp://", "smtp://h:x", "smtp://u@h", "smtp://h/x", "smtp://h?form=a@b",
     "smtp://h?from=nobody"],
)  # fmt: skip
def test_a_mail_server_with_a_typo_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(WrongSetting, match=r"^IDEENWEG_SMTP_URL "):
        Settings.from_env({"IDEENWEG_SMTP_URL": url})


def test_a_key_is_long_enough_to_sign_with() -> None:
    long, old = "k" * 32, "o" * 32
    given = {"IDEENWEG_SECRET_KEY": long, "IDEENWEG_SECRET_KEY_PREVIOUS": old}
    assert Settings.from_env(given).secret_keys == (long.encode(), old.encode())
    for wrong in ({"IDEENWEG_SECRET_KEY": "short"}, {"IDEENWEG_SECRET_KEY_PREVIOUS": old}):
        with pytest.raises(WrongSetting, match="IDEENWEG_SECRET_KEY"):
            Settings.from_env(wrong)


OIDC = {
    "IDEENWEG_OIDC_ISSUER": "https://login.example.org/realms/city",
    "IDEENWEG_OIDC_CLIENT_ID": "ideenweg",
    "IDEENWEG_OIDC_CLIENT_SECRET": "geheim",
}


def test_a_provider_of_identities_takes_three_settings_and_its_secret_is_not_shown() -> None:
    settings = Settings.from_env(OIDC)
    assert settings.provider is not None
    assert settings.provider.issuer == "https://login.example.org/realms/city"
    assert "geheim" not in repr(settings)
    assert Settings.from_env({}).provider is None


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"IDEENWEG_OIDC_CLIENT_SECRET": ""}, "IDEENWEG_OIDC_CLIENT_SECRET"),
        ({"IDEENWEG_OIDC_ISSUER": "login.example.org"}, "IDEENWEG_OIDC_ISSUER"),
        ({"IDEENWEG_OIDC_ISSUER": "http://login.example.org"}, "IDEENWEG_OIDC_ISSUER"),
    ],
)
def test_a_provider_that_cannot_be_asked_is_named(change: dict[str, str], variable: str) -> None:
    with pytest.raises(WrongSetting, match=variable):
        Settings.from_env(OIDC | change)
