"""Courses on a JupyterHub: each person has a server, and each course has one in which it is graded.

| module | contents |
|---|---|
| `config` | `configure`, for a jupyterhub_config.py: groups, roles, services and environments |
| `settings/` | settings of the servers of students, instructors and courses |
| `private_submit`, `exchange` | submissions that only their student and the graders can read; how they are collected |
| `ngshare/` | an exchange without a shared disk |
| `doctor`, `state`, `*_checks`, `access` | `gradekit doctor --hub` |
| `demo_command`, `local_hub`, `hub_process` | `gradekit hub`: a demonstration on this machine |

JupyterHub and nbgrader are imported only where they are used.
"""
