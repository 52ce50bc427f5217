"""Servers with the services of LTI Advantage of Canvas, of Moodle, and of a platform that keeps to the standard.

Requests are checked as those platforms check them: the signature of a request for a token, its audience and scopes,
media types, times, and who may have a score.
"""

# Canvas: app/controllers/lti/ims/scores_controller.rb and its kin at 02bc7b3.
# Moodle: mod/lti/service/gradebookservices/classes/local/resources/{scores,lineitems}.php at 98645b5.

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gradebooks import ASSIGNMENT
from joserfc import jwt
from joserfc.jwk import KeySet

from gradekit.course import course
from gradekit.passback.push import public_keys

# Members in Moodle: mod/lti/service/memberships/classes/local/service/memberships.php there.
MEMBERSHIP = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM, LINE_ITEMS = "application/vnd.ims.lis.v2.lineitem+json", "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS, SCORE = "application/vnd.ims.lis.v2.resultcontainer+json", "application/vnd.ims.lis.v1.score+json"
SUBMISSION = "https://canvas.instructure.com/lti/submission"
SUBS = {
    "ada": "Ada-UPPER",
    "ben": "b2",
    "cy": "c3",
    "dee": "d4",
    "fay": "f5",
}  # the ids of students by name
NEEDED = ("userId", "activityProgress", "gradingProgress", "timestamp")


class No(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, text: str = "") -> None:
        self.status, self.text = status, text


@dataclass
class Given:
    """A score that a student has, in points of the line item."""

    score: float | None
    time: float
    comments: list[str] = field(default_factory=list)
    attempts: int = 0


class Lms:
    """A platform that keeps to the standard; it pages its lists, two items a page."""

    page = 2
    query = ""  # in all its addresses
    shows_results = True

    def __init__(self, keys: dict[str, Any], students: set[str]) -> None:
        self.keys, self.students = KeySet.import_key_set(keys), students
        self.items: dict[str, dict[str, Any]] = {}
        self.given: dict[tuple[str, str], Given] = {}
        self.tokens: dict[str, str] = {}  # its scopes, by token
        self.people: list[dict[str, Any]] = []  # the members of the course
        self.requests: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.token_url, self.line_items = f"{self.url}/token", f"{self.url}/7/lineitems{self.query}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def add(self, resource: str, maximum: float = 10) -> dict[str, Any]:
        """A line item that is there already."""
        number = str(len(self.items) + 1)
        address = f"{self.url}/7/lineitems/{number}/lineitem{self.query}"
        self.items[number] = {"id": address, "resourceId": resource, "label": resource, "scoreMaximum": maximum}
        return self.items[number]

    def scores(self) -> dict[str, float | None]:
        """What the platform's gradebook shows, by its own user ids."""
        return {user: given.score for (_, user), given in self.given.items()}

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, str, Any, dict[str, str]]:
        """Status, media type, content and headers."""
        parts = urlsplit(handler.path)
        path, query = parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.requests.append(f"{handler.command} {path}")
        if path == "/token":
            return 200, "application/json", self.token(parse_qs(body.decode())), {}
        scopes = self.tokens.get(handler.headers.get("Authorization", "").removeprefix("Bearer "))
        if scopes is None:
            raise No(401, "no token")
        if path == "/7/members":
            self.media(handler, "Accept", MEMBERS)
            if scopes != MEMBERSHIP:
                raise No(403, "no scope for members")
            status, kind, found, headers = self.listed(self.people, query, MEMBERS, path)
            return status, kind, {"id": f"{self.url}/7/members", "context": {"id": "7"}, "members": found}, headers
        self.check_address(query)
        if path == "/7/lineitems" and handler.command == "GET":
            self.media(handler, "Accept", LINE_ITEMS)
            return self.listed(list(self.filtered(query)), query, LINE_ITEMS, path)
        if path == "/7/lineitems":
            self.media(handler, "Content-Type", LINE_ITEM)
            about = json.loads(body)
            return 201, LINE_ITEM, self.add(about["resourceId"], about["scoreMaximum"]), {}
        number, what = path.split("/")[3], path.split("/")[-1]
        if number not in self.items:
            raise No(404, "no such line item")
        if what == "results":
            self.media(handler, "Accept", RESULTS)
            if not self.shows_results:
                raise No(403, "no scope for results")
            return self.listed(list(self.results(number)), query, RESULTS, path)
        self.media(handler, "Content-Type", SCORE)
        self.take(number, json.loads(body))
        return 200, SCORE, {"resultUrl": f"{self.url}/result"}, {}

    def token(self, asked: dict[str, list[str]]) -> dict[str, Any]:
        """An access token for a signed request."""
        assertion = jwt.decode(asked["client_assertion"][0], self.keys, algorithms=["RS256"])
        claims = assertion.claims
        audience = claims["aud"] if isinstance(claims["aud"], str) else claims["aud"][0]
        right = claims["iss"] == claims["sub"] == "tool" and claims["exp"] > time.time() and claims["jti"]
        if not right or audience != self.token_url or "kid" not in assertion.header:
            raise No(400, "invalid_client")
        if asked["grant_type"] != ["client_credentials"] or not asked["scope"][0].startswith((AGS, MEMBERSHIP)):
            raise No(400, "invalid_request")
        self.tokens[token := f"token-{len(self.tokens)}"] = asked["scope"][0]
        return {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": asked["scope"][0]}

    def check_address(self, query: dict[str, str]) -> None:
        """Refuse an address that lacks what the platform put into it."""

    def media(self, handler: BaseHTTPRequestHandler, header: str, wanted: str) -> None:
        if handler.headers.get(header) != wanted:
            raise No(415 if header == "Content-Type" else 406, f"{header} is {handler.headers.get(header)}")

    def filtered(self, query: dict[str, str]) -> Any:
        wanted = query.get("resource_id")
        return (item for item in self.items.values() if wanted in (None, item["resourceId"]))

    def listed(
        self, found: list[Any], query: dict[str, str], kind: str, path: str
    ) -> tuple[int, str, Any, dict[str, str]]:
        begin = int(query.get("from", 0))
        more = begin + self.page < len(found)
        headers = {"Link": self.link(f"{self.url}{path}?from={begin + self.page}")} if more else {}
        return 200, kind, found[begin : begin + self.page], headers

    def link(self, following: str) -> str:
        return f'<{self.url}/first>; rel="first", <{following}>; rel="next"'

    def results(self, number: str) -> Any:
        maximum = self.items[number]["scoreMaximum"]
        for (item, user), given in self.given.items():
            if item == number:
                yield {"userId": user, "resultScore": given.score, "resultMaximum": maximum}

    def take(self, number: str, score: dict[str, Any]) -> None:
        """Take a score, in points of its own maximum."""
        if any(not score.get(name) for name in NEEDED):
            raise No(400, "a part of the score is missing")
        self.check_user(score["userId"])
        moment = datetime.fromisoformat(score["timestamp"]).timestamp()
        known = self.given.setdefault((number, score["userId"]), Given(None, 0.0))
        self.check_time(known, moment)
        known.time = moment
        known.score = self.points(score, self.items[number]["scoreMaximum"])
        known.comments += [score["comment"]] if score.get("comment") else []
        known.attempts += int(score.get(SUBMISSION, {}).get("new_submission", True))

    def points(self, score: dict[str, Any], maximum: float) -> float | None:
        return score["scoreGiven"] / score["scoreMaximum"] * maximum

    def check_user(self, user: str) -> None:
        if user not in self.students:
            raise No(404, "no such user")

    def check_time(self, known: Given, moment: float) -> None:
        if moment < known.time:
            raise No(409, "earlier than the last score")


class Canvas(Lms):
    """Lists have ten items a page; errors are JSON; each score is another attempt unless the tool says otherwise."""

    page = 10

    def check_user(self, user: str) -> None:
        if user not in self.students:
            raise No(
                422,
                '{"errors":{"type":"unprocessable_entity","message":"User not found in course or is not a student"}}',
            )

    def check_time(self, known: Given, moment: float) -> None:
        if moment < known.time:
            raise No(400, '{"errors":{"type":"bad_request","message":"before last updated timestamp"}}')

    def points(self, score: dict[str, Any], maximum: float) -> float | None:
        if score["gradingProgress"] not in ("FullyGraded", "PendingManual"):
            return None
        return round(super().points(score, maximum) or 0.0, 2)


class Moodle(Lms):
    """Each address has a type_id; links have typographic quotation marks; errors are in the status line.

    A score of the same second as the last one is refused, and one that is not fully graded removes the grade.
    """

    query = "?type_id=4"

    def check_address(self, query: dict[str, str]) -> None:
        if query.get("type_id") != "4":
            raise No(403, "type_id is missing")

    def link(self, following: str) -> str:
        return f"<{self.url}/first>; rel=\u201cfirst\u201d, <{following}&type_id=4>; rel=\u201cnext\u201d"

    def check_user(self, user: str) -> None:
        if user not in self.students:
            raise No(400, "Incorrect score received")

    def check_time(self, known: Given, moment: float) -> None:
        if known.time and int(known.time) >= int(moment):
            raise No(409, "Refusing score with an earlier timestamp")

    def points(self, score: dict[str, Any], maximum: float) -> float | None:
        return round(super().points(score, maximum) or 0.0, 5) if score["gradingProgress"] == "FullyGraded" else None


def _handler(lms: Lms) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                status, kind, content, headers = lms.answer(self, body)
                text, reason = json.dumps(content), None
            except No as error:
                status, kind, headers = error.status, "text/plain", {}
                is_json = error.text.startswith("{")
                text, reason = (error.text, None) if is_json else ("", error.text)
            self.send_response(status, reason)
            self.send_header("Content-Type", kind)
            data = text.encode()
            for name, value in headers.items():
                self._headers_buffer.append(f"{name}: {value}\r\n".encode())  # Moodle's marks are not Latin-1
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _do  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def write_people(folder: Path, line_items: str, subs=SUBS) -> None:
    folder.mkdir(exist_ok=True)
    for name, sub in subs.items():
        (folder / f"{name}.json").write_text(json.dumps({"name": name, "sub": sub, "line_items": line_items}))


def connect(root: Path, kind: type[Lms], students=SUBS) -> Lms:
    """Start a platform that knows the course's key, and people who came from it."""
    lms = kind(public_keys(course(root, ASSIGNMENT)), set(students.values()))
    (root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Passback.token_url = {lms.token_url!r}\nc.Passback.client_id = 'tool'\n"
        "c.Passback.people = 'people'\n"
    )
    write_people(root / "people", lms.line_items)
    return lms
