"""Sphinx's settings for the site; `build.py` runs it on a folder that it fills."""

project = "convkit"
copyright = "The convkit developers"
root_doc = "index"
extensions = ["myst_nb", "sphinx.ext.githubpages"]  # the second one keeps GitHub from leaving out _static
smartquotes = False  # a quote in a heading may be Python's
myst_heading_anchors = 4
nb_execution_mode = "off"  # build.py executes the lesson, and drops what needs a student's answer
nb_output_stderr = "remove"
nb_merge_streams = True

html_theme = "furo"
html_title = "convkit"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_extra_path = ["_extra"]  # the API reference and the saved explorers
suppress_warnings = ["mystnb.unknown_mime_type"]  # what gradekit adds to the text of a check, for itself
