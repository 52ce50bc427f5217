"""The lesson on a JupyterHub: people come in through it, and a course server grades behind it.

| the file | the question it answers |
|---|---|
| `config.py` | what does a jupyterhub_config.py have to say? |
| `settings/` | what do the servers of students, of instructors and of the course have to know? |
| `exchange.py` | whose submissions are collected, and what of them? |
| `private_submit.py` | who may read a submission? |

Nothing here imports JupyterHub or nbgrader until it has to.
"""
