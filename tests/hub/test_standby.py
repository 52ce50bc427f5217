"""`standby` answers at a course server's port while the server starts, and frees the port for it."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from gradekit.hub import standby
from gradekit.hub.config import SHELL, Course, configure
from tests.hub.small_hub import free_port


@pytest.fixture
def address():
    return f"http://127.0.0.1:{free_port()}/services/convkit/"


def ask(address: str) -> urllib.error.HTTPError:
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(address, timeout=300)
    return answer.value


def test_it_answers_without_a_server_error_and_reloads(address):
    one = standby.StandBy(address)
    answer = ask(address)
    one.close()
    assert answer.code < 500, "the hub would take that for a failed server"
    assert answer.headers["Refresh"] == "2"
    assert "is starting" in answer.read().decode()


def test_as_an_extension_it_frees_the_port(address):
    standby._open.append(standby.StandBy(address))
    ask(address)
    standby._load_jupyter_server_extension(None)
    again = standby.StandBy(address)  # so the port is free
    again.close()
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(address, timeout=300)


@pytest.mark.parametrize(
    ("version", "command", "timeout"),
    [
        ((5, 5, 4, "", ""), ["/opt/bin/python", "-m", "gradekit.hub.standby", "--ServerApp.root_dir=/srv/cnn"], None),
        ((6, 0, 0, "", ""), ["/opt/bin/jupyterhub-singleuser", "--ServerApp.root_dir=/srv/cnn"], 120),
    ],
)
def test_standby_is_for_jupyterhub_5_only(version, command, timeout, monkeypatch):
    from traitlets.config import Config

    monkeypatch.setattr("jupyterhub.version_info", version)
    monkeypatch.setattr("gradekit.hub.config.settings_of", lambda python: "/settings")
    c = Config()
    configure(c, [Course("cnn", "/srv/cnn")], "/srv/exchange", python="/opt/bin/python")
    service = c.JupyterHub.services[0]
    assert service["command"] == [*SHELL, *command]
    assert service.get("timeout") == timeout
