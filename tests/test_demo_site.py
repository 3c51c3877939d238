"""The demo's own site: made once, filled once however often it is interrupted, and alive."""

import re
import signal
from pathlib import Path

import pytest

from ingest.demo import Collector, DemoError, history
from ingest.demo_site import ADMINISTRATOR, SEED, SITE_NAME, SITE_URL, Notes, prepare, send_weeks
from sql.registry import Registry
from tests.conftest import NOW, fixed_clock
from tests.running import HOST, eventually, rows, server
from tests.tracked import Tracked

DAYS = 1
PASSWORD = re.compile(r"^Demo administrator: (\S+)  password, shown only now: (\S+)$", re.MULTILINE)


def test_the_first_run_makes_everything(tmp_path: Path, registry: Registry) -> None:
    prepared = prepare(tmp_path, registry, "matomo")
    (site,) = registry.sites()
    assert (site.id, site.name, site.preset) == (prepared.site, SITE_NAME, "matomo")
    user = registry.user_with_password(ADMINISTRATOR, prepared.password)
    assert user is not None
    assert user.role == "superuser"
    token = registry.snapshot().token(prepared.token)
    assert token is not None
    assert (token.role, token.site) == ("write", site.id)
    assert Notes(tmp_path).file.stat().st_mode & 0o777 == 0o600
    assert prepared.password not in Notes(tmp_path).file.read_text()


def test_later_runs_find_it(tmp_path: Path, registry: Registry) -> None:
    first, second = (prepare(tmp_path, registry, "matomo") for _ in range(2))
    assert second == first._replace(password="")
    assert (len(registry.sites()), len(registry.users()), len(registry.tokens())) == (1, 1, 1)


def test_a_first_run_that_was_interrupted_says_what_to_do(tmp_path: Path, registry: Registry) -> None:
    prepare(tmp_path, registry, "matomo")
    Notes(tmp_path).file.unlink()
    with pytest.raises(DemoError, match="remove the directory, then try again"):
        prepare(tmp_path, registry, "matomo")


class InterruptedNotes(Notes):
    """Notes whose writer is interrupted once some hits were sent."""

    def __init__(self, data: Path, after: int) -> None:
        super().__init__(data)
        self.after = after

    def write(self, **notes: object) -> None:
        super().write(**notes)
        if int(str(notes.get("sent", 0))) >= self.after:
            raise KeyboardInterrupt


def test_the_history_is_sent_once(tmp_path: Path, pegel: Tracked, capsys: pytest.CaptureFixture[str]) -> None:
    pegel.now = NOW
    site = pegel.add_site(urls=(SITE_URL,))
    target = Collector(f"http://{HOST}:{pegel.port}", site.id, pegel.token("write", site.id))
    for after in (100, 300):
        with pytest.raises(KeyboardInterrupt):
            send_weeks(InterruptedNotes(tmp_path, after), target, fixed_clock, DAYS)
    for _ in range(2):
        send_weeks(Notes(tmp_path), target, fixed_clock, DAYS)
    expected = len(list(history(SEED, SITE_URL, DAYS, NOW)))
    assert sum(pegel.counters(site).values()) == expected
    assert f"{expected:,}/{expected:,} hits" in capsys.readouterr().out


def test_it_runs_is_interrupted_and_goes_on(tmp_path: Path) -> None:
    with server(tmp_path, "demo", PEGEL_COLLECTORS="1") as demo:
        demo.start()
        eventually(lambda: "Sending" in demo.said())
        assert demo.stop(signal.SIGINT) == 0
        ((user, _),) = PASSWORD.findall(demo.said())
        assert user == ADMINISTRATOR
        Notes(demo.data).write(complete=True)  # The rest of the history takes longer than a test should.
        demo.start()
        eventually(lambda: "Demo visitors keep coming" in demo.said())
        assert len(PASSWORD.findall(demo.said())) == 1
        assert demo.stop(signal.SIGINT) == 0
        with demo.tables() as database:
            assert rows(database, "select count() > 0 as some from hits") == [{"some": 1}]
