"""Push grades to an LMS by LTI Advantage: Assignment and Grade Services (AGS).

| module | content |
|---|---|
| `settings.py` | what the instructor configures, and whom the hub has seen |
| `service.py` | line items, results and scores of one platform |
| `push.py` | the gradebook -> scores on the platform; what became of each student |
| `command.py` | `gradekit passback` |

https://www.imsglobal.org/spec/lti-ags/v2p0/
"""
