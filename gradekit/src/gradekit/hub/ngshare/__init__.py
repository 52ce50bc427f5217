"""An exchange without a shared disk: ngshare, as a service of the hub.

| the file | the question it answers |
|---|---|
| `client.py` | how does nbgrader fetch, submit, collect and give feedback over it? |
| `server.py` | what does this ngshare do that the one on the shelf does not? |
| `people.py` | who sends a request, and which courses does the hub list for them? |
| `keep.py` | how does a released lesson change without its submissions being lost? |
| `service.py` | what does the hub's configuration say of it? |

`python -m gradekit.hub.ngshare` is the service. Nothing here imports ngshare, nbgrader or JupyterHub until it has to.
"""
