"""Log in from a course in Canvas, Moodle or another platform that speaks LTI 1.3.

In the environment, as the platform tells when the tool is registered there (none of it is a secret: the platform signs
what it sends, and the hub reads its public keys):

| variable | Canvas in the cloud | Moodle at MOODLE |
|---|---|---|
| LTI_ISSUER | https://canvas.instructure.com | MOODLE |
| LTI_CLIENT_ID | the developer key's number | the tool's client id |
| LTI_AUTHORIZE_URL | https://sso.canvaslms.com/api/lti/authorize_redirect | MOODLE/mod/lti/auth.php |
| LTI_JWKS_URL | https://sso.canvaslms.com/api/lti/security/jwks | MOODLE/mod/lti/certs.php |
| LTI_COURSES | CONTEXT=convkit, with commas between several | the same |

To push grades back with `gradekit passback`, or to take the list of members with `gradekit roster import --lms`, name a
folder in LTI_PEOPLE. It gets a folder for each course, and in it a file for each learner with the platform's own id, as
the hub writes names in lower case. Only the hub may write there, and the course's user has to read it:
gradekit/docs/passback.md has the command.

CONTEXT is the id that the platform has for the course. Register the hub there with HUB/hub/lti13/oauth_login to log in
with, HUB/hub/lti13/oauth_callback to come back to, and HUB as what is opened.

Whom the platform calls an instructor of that course opens formgrader, and its learners take part. Who is in none of
these courses may not log in. A role that is taken away there is taken away here when the person comes again.
"""

import json
import os
from pathlib import Path
from urllib.parse import quote

from jupyterhub import orm

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
TEACHES, TAKES = {"Instructor", "ContentDeveloper"}, {"Learner"}
PEOPLE = os.environ.get("LTI_PEOPLE")
COURSES = dict(pair.split("=") for pair in os.environ["LTI_COURSES"].split(","))


def place(claims):
    """The course of a launch, and the group that its person belongs to there; (None, None) for no course of ours."""
    course = COURSES.get(claims.get(CLAIM + "context", {}).get("id"))
    roles = {role.removeprefix(ROLE) for role in claims.get(CLAIM + "roles", ())}
    if course and roles & TEACHES:
        return course, f"formgrade-{course}"
    if course and roles & TAKES:
        return course, f"nbgrader-{course}"
    return None, None


def note(course, name, claims):
    """Keep who a learner is on the platform, where the course's grades go there, and where its members are listed."""
    about = {"name": name, "sub": claims["sub"], "line_items": claims.get(GRADES, {}).get("lineitems", "")}
    about["members"] = claims.get(MEMBERS, {}).get("context_memberships_url", "")
    folder = Path(PEOPLE) / course
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{quote(name, safe='')}.part"
    half.write_text(json.dumps(about))
    half.chmod(0o640)  # the hub's unit has a umask of 077, and the course's user reads it by the folder's group
    half.replace(folder / f"{quote(name, safe='')}.json")


def enroll(authenticator, handler, who):
    """Put the person into the course's group, and out of its other one; without one, there is no way in."""
    course, group = place(who["auth_state"])
    if group is None:
        handler.log.warning("%s comes from no course of this hub, or has no role in it.", who["name"])
        return None
    user = handler.user_from_username(who["name"])
    for name in (f"formgrade-{course}", f"nbgrader-{course}"):
        known = orm.Group.find(handler.db, name)
        if known is None:
            handler.db.add(known := orm.Group(name=name))
        if name == group and known not in user.orm_user.groups:
            user.orm_user.groups.append(known)
        if name != group and known in user.orm_user.groups:
            user.orm_user.groups.remove(known)
    handler.db.commit()
    if PEOPLE and group.startswith("nbgrader-"):
        note(course, who["name"], who["auth_state"])
    return {**who, "auth_state": None}  # what else the platform said of the person is not kept


c.JupyterHub.authenticator_class = "ltiauthenticator.lti13.auth.LTI13Authenticator"
c.LTI13Authenticator.issuer = os.environ["LTI_ISSUER"]
c.LTI13Authenticator.client_id = {os.environ["LTI_CLIENT_ID"]}
c.LTI13Authenticator.authorize_url = os.environ["LTI_AUTHORIZE_URL"]
c.LTI13Authenticator.jwks_endpoint = os.environ["LTI_JWKS_URL"]
c.LTI13Authenticator.username_key = "sub"  # the platform's own name for a person; an address a person could change
c.Authenticator.allow_all = True  # whom the platform vouches for, and who is in a course: see `enroll`
c.Authenticator.post_auth_hook = enroll
