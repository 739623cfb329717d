"""Sphinx configuration: Markdown pages by MyST, drawn with Furo."""

from __future__ import annotations

from importlib import metadata

project = "textzoo"
author = "the textzoo developers"
release = metadata.version("textzoo")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_generate"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4  # `page.md#a-heading` is a link that Sphinx checks

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
nitpick_ignore_regex = [(r"py:(class|obj|data)", r".*")]  # annotations also name types that no page documents
smartquotes = False  # `--option` in a sentence keeps its hyphens
default_role = "code"  # docstrings are Markdown: `name` is code

html_theme = "furo"
html_title = "textzoo"
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
