"""An exchange without a shared disk: ngshare, as a service of the hub.

| module | contents |
|---|---|
| `service` | its service and roles, for a jupyterhub_config.py |
| `server` | ngshare's web application with the changes that it needs here |
| `people` | the user of a request, and the user's courses, from the hub |
| `keep` | releasing an assignment again without losing its submissions |
| `client` | nbgrader's exchange over it |

`python -m gradekit.hub.ngshare` is the service. ngshare, nbgrader and JupyterHub are imported only where they are used.
"""
