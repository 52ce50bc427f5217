"""One platform's services by LTI Advantage: line items, results and scores, and the members of a course."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import RSAKey

from gradekit.errors import CourseError, in_a_line

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = f"{SCOPE}lineitem {SCOPE}result.readonly {SCOPE}score"
LINE_ITEM, LINE_ITEMS = "application/vnd.ims.lis.v2.lineitem+json", "application/vnd.ims.lis.v2.lineitemcontainer+json"
MEMBERSHIP = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
RESULTS, SCORE = "application/vnd.ims.lis.v2.resultcontainer+json", "application/vnd.ims.lis.v1.score+json"
# Canvas counts each score as another attempt of the student, unless this is false.
CANVAS = {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}
NEXT = re.compile(r"<([^>]*)>\s*;\s*rel=[^a-z,;<]*next(?![a-z])")  # Moodle writes typographic quotation marks
UNREADABLE = (401, 403, 404, 405)  # of a platform that does not show its results
PATIENCE = 30.0  # seconds for an answer
MOST_PAGES = 1_000
LONGEST = 200  # characters of what a platform says


class RefusedError(CourseError):
    """The platform did not do what was asked; the text says why, as far as it told."""

    def __init__(self, response: requests.Response) -> None:
        self.status = response.status_code
        super().__init__(f"HTTP {response.status_code}: {_said(response)}")


class Platform:
    """A connection to a platform, with a token for some scopes. Raises CourseError where there is none."""

    def __init__(self, token_url: str, client_id: str, key: RSAKey, audience: str = "", scopes: str = SCOPES) -> None:
        self.client = OAuth2Session(
            client_id, key, token_endpoint_auth_method="private_key_jwt", scope=scopes, token_endpoint=token_url,
            grant_type="client_credentials",
        )  # fmt: skip
        signer = PrivateKeyJWT(audience or token_url, headers={"kid": key.thumbprint()})
        self.client.register_client_auth_method(signer)
        try:
            self.client.fetch_token(token_url, grant_type="client_credentials", timeout=PATIENCE)
        except (OAuthError, requests.RequestException, ValueError) as error:
            self.client.close()
            raise CourseError(f"{token_url} gave no access token: {in_a_line(error)}") from None

    def find_line_item(self, line_items: str, resource_id: str) -> dict[str, Any] | None:
        """The line item with this resource id. A platform may ignore the filter, so all that it lists are looked at."""
        listed = self._pages(line_items, LINE_ITEMS, {"resource_id": resource_id})
        found = {item["id"]: item for item in listed if item.get("resourceId") == resource_id}
        if len(found) > 1:
            raise CourseError(
                f"the platform has {len(found)} line items for {resource_id!r}. Delete all but one there:", tuple(found)
            )
        return next(iter(found.values()), None)

    def make_line_item(self, line_items: str, resource_id: str, maximum: float) -> dict[str, Any]:
        """Make a line item. Not idempotent: `find_line_item` goes first."""
        about = {"resourceId": resource_id, "label": resource_id, "scoreMaximum": maximum}
        made: dict[str, Any] = self._send("POST", line_items, LINE_ITEM, json=about).json()
        return made

    def results(self, line_item: str) -> dict[str, tuple[float, float]] | None:
        """Scores and their maximum by the platform's user id; None where the platform does not show them."""
        try:
            listed = list(self._pages(_below(line_item, "results"), RESULTS))
        except RefusedError as error:
            if error.status in UNREADABLE:
                return None
            raise
        return {
            str(one["userId"]): (float(one["resultScore"]), float(one.get("resultMaximum") or 1))
            for one in listed
            if one.get("resultScore") is not None
        }

    def give(self, line_item: str, user: str, score: float, maximum: float, comment: str) -> None:
        """Give one student a score."""
        about: dict[str, Any] = {
            "userId": user, "scoreGiven": score, "scoreMaximum": maximum,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "activityProgress": "Completed", "gradingProgress": "FullyGraded", **CANVAS,
        }  # fmt: skip
        about |= {"comment": comment} if comment else {}
        self._send("POST", _below(line_item, "scores"), SCORE, json=about)

    def members(self, memberships: str) -> list[dict[str, Any]]:
        """The members of a course, with the scope MEMBERSHIP; those who have left may be among them."""
        return [one for page in self._pages(memberships, MEMBERS, whole=True) for one in page["members"]]

    def _pages(
        self, url: str, kind: str, query: dict[str, str] | None = None, whole: bool = False
    ) -> Iterator[dict[str, Any]]:
        """The items of a list that may have several pages, or its `whole` pages.

        A page on another host is not read: the token goes along.
        """
        host = urlsplit(url)[:2]
        for _ in range(MOST_PAGES):
            response = self._send("GET", url, kind, params=query)
            yield from [response.json()] if whole else response.json()
            following = NEXT.search(response.headers.get("Link", ""))
            if following is None or urlsplit(following[1])[:2] != host:
                return
            url, query = following[1], None

    def _send(self, method: str, url: str, kind: str, **about: Any) -> requests.Response:
        headers = {"Content-Type" if "json" in about else "Accept": kind}
        try:
            response = self.client.request(method, url, headers=headers, timeout=PATIENCE, **about)
        except (OAuthError, requests.RequestException) as error:
            raise CourseError(f"{urlsplit(url).netloc} does not answer: {in_a_line(error)}") from None
        if not response.ok:
            raise RefusedError(response)
        return response


def _below(line_item: str, name: str) -> str:
    """The address of a line item's scores or results.

    >>> _below("https://lms/3/lineitem?type_id=1", "scores")
    'https://lms/3/lineitem/scores?type_id=1'
    """
    parts = urlsplit(line_item)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def _said(response: requests.Response) -> str:
    """What a platform says of an error: Canvas in JSON, Moodle in the status line."""
    try:
        errors = response.json()["errors"]
        text = str(errors["message"] if isinstance(errors, dict) else errors)
    except (ValueError, KeyError, TypeError):
        text = response.reason
    return (" ".join(text.split()) or "no reason given")[:LONGEST]
