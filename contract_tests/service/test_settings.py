"""What can be set, and what it is when nobody sets it."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from contract_tests.service.test_process import ROOT, process
from service.server import running_server
from service.settings import Settings, UnusableSettingError, read
from service.transport import require_safe

PROMISED = {
    "host": "127.0.0.1",
    "max_concurrent_streams": 1_000,
    "message_most": 10_000_000,
    "keepalive": 5,
    "keepalive_timeout": 1,
    "ping_least": 5,
    "connection_idle": 15,
    "connection_age": 30,
    "connection_grace": 5,
    "gzip_above": 1_024,
    "insecure": False,
    "debug_errors": False,
}


def test_the_defaults_are_the_promised_ones():
    """
    Safe, and tuned for a service behind nothing.
    """
    settings = Settings()
    assert {name: getattr(settings, name) for name in PROMISED} == PROMISED


def test_a_flag_wins_over_a_variable_and_both_over_the_default():
    """
    Every row can be set in either way.
    """
    environment = {
        "SERVE_PORT": "1",
        "SERVE_RATE": "2.5",
        "SERVE_AUTH": "a b",
        "SERVE_INSECURE": "1",
    }
    found = read(["--port", "3"], environment)
    assert found == Settings(port=3, rate=2.5, auth=("a", "b"), insecure=True)
    assert read(["--auth", "a", "--auth", "b"], {}).auth == ("a", "b")


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("port", "x", "'x' is no port"),
        ("api", "v3", "'v3' is not some of v1,v2"),
        ("api", "v1,v1", "'v1,v1' is not some of v1,v2"),
        ("rate", "-1", "'-1' is no number from 0 upwards"),
        ("trace_share", "1.5", "'1.5' is no share from 0 to 1"),
        ("rate_burst", "1.5", "'1.5' is no whole number from 0 upwards"),
        ("deadline", "nan", "'nan' is no number from 0 upwards"),
        ("log_level", "loud", "'loud' is none of debug, info, warning, error"),
        ("insecure", "perhaps", "'perhaps' is neither true nor false"),
    ],
)
def test_a_wrong_value_is_said_in_one_sentence(name, wrong, said, capsys):
    """
    With the name of the variable that holds it.
    """
    with pytest.raises(SystemExit) as ended:
        read([], {f"SERVE_{name.upper()}": wrong})
    assert ended.value.code == 2
    assert f"SERVE_{name.upper()}: {said}" in capsys.readouterr().err


def test_help_tells_every_row(capsys):
    """
    Each flag with its meaning.
    """
    with pytest.raises(SystemExit):
        read(["--help"], {})
    said = capsys.readouterr().out
    assert all(f"--{each.name.replace('_', '-')}" in said for each in fields(Settings))
    assert all(each.metadata["says"] for each in fields(Settings))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "give --auth and --tls-cert, or --insecure"),
        (["--auth", "jwt:none:X"], "'jwt:none:X' is none of jwt:HS256:VARIABLE"),
        (["--auth", "jwt:HS256:UNSET_VARIABLE"], "must hold a secret of 32 bytes or more"),
        (["--auth", "jwt:RS256:/no/such/file"], "no key set at /no/such/file"),
        (["--auth", "jwt:RS256:http://192.0.2.1/k"], "use https"),
        (["--auth", "mtls"], "mtls needs --tls-client-ca"),
        (["--tls-cert", "/no/such/file", "--tls-key", "/none"], "--tls-cert: "),
        (["--trace-to", "nowhere"], "'nowhere' is neither console nor a URL"),
    ],
)
async def test_what_would_not_be_safe_does_not_start(arguments, said):
    """
    One sentence says why.
    """
    settings = read(["--port", "0", *arguments], {})

    async def start() -> None:
        require_safe(settings)
        async with running_server(settings=settings):
            """It should not come to this."""

    with pytest.raises(UnusableSettingError) as caught:
        await start()
    assert said in str(caught.value)


async def test_a_setting_that_cannot_be_used_ends_the_process():
    """
    With exit code 2 and that sentence.
    """
    async with process("--port", "0", "--auth", "mtls") as started:
        out, error = await started.communicate()
    assert (started.returncode, out) == (2, b"")
    assert error == b"service: --auth: mtls needs --tls-client-ca\n"


async def test_serving_others_openly_is_said_aloud():
    """
    It takes --insecure, and says so.
    """
    async with process("--port", "0", "--host", "0.0.0.0", "--insecure") as started:
        assert started.stdout is not None
        assert started.stderr is not None
        assert (await started.stdout.readline()).startswith(b"listening on 0.0.0.0:")
        said = [await started.stderr.readline() for _ in range(2)]
    assert b"NOT AUTHENTICATED, anyone on OTHER MACHINES" in said[0]
    assert b"NOT ENCRYPTED, for use on OTHER MACHINES" in said[1]


def test_the_table_of_options_is_the_options():
    """
    Each row of the operators' page, with its default and its words.
    """
    page = (ROOT / "deploy/README.md").read_text()
    rows = re.findall(r"^\| `--([a-z-]+)` \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    assert rows == [
        (each.name.replace("_", "-"), shown(each.default), each.metadata["says"])
        for each in fields(Settings)
    ]


def shown(default: object) -> str:
    """A default as the page shows it."""
    if default is False:
        return "off"
    return "" if default in ("", (), None) else f"`{default}`"


def test_every_reason_of_the_operators_page_is_one():
    """
    With the status that it comes with.
    """
    page = (ROOT / "deploy/README.md").read_text()
    proto = (ROOT / "schemas/api/user/v1/user_service.proto").read_text()
    told = set(re.findall(r"\| ([A-Z_]+) \| ([A-Z_]+) \|", page))
    promised = re.findall(r"^// - ([A-Z_]+) \(([A-Z_]+)\):", proto, re.MULTILINE)
    assert told
    assert told <= {(status, reason) for reason, status in promised}
