"""A static site from README, documents, lesson, explorers and docstrings: `python -m docs.site`, or `make site`.

| module | content |
|---|---|
| `build.py` | collects the pages and runs Sphinx on them |
| `lesson.py` | the released notebooks, executed |
| `api.py` | the API reference |
| `api_pages/` | pdoc's templates, with a link to the site |
| `links.py` | finds links that lead nowhere, and pages that load something from elsewhere |
| `conf.py` | Sphinx's settings |
"""
