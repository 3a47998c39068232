"""The renderer's configuration: the project's `_config.yml` plus what only this machine and build know."""

from __future__ import annotations

import os
import re
from typing import Any

import yaml

from duality.book.errors import BuildError
from duality.book.layout import Project
from duality.book.mathjax import MathJax

# The published site carries output-free notebooks on this branch, where launch services find them.
PUBLISHED_BRANCH = "gh-pages"
PUBLISHED_NOTEBOOKS = "notebooks"
SOURCE_BRANCH = "main"
# Generated pages have no source of their own and lead to the repository.
SOURCE_OF_PAGE = (
    "{{% if file_name in ['ledger.md', 'gallery.md', 'times.md'] %}}{url}"
    "{{% elif file_name.startswith('chapters/') %}}"
    "{url}/blob/{branch}/{{{{ file_name.replace('.ipynb', '.md') }}}}"
    "{{% else %}}{url}/blob/{branch}/book/{{{{ file_name }}}}{{% endif %}}"
)


def read_config(project: Project) -> dict[str, Any]:
    """The project's own configuration. Raises `BuildError` when it is not valid YAML."""
    try:
        return yaml.safe_load((project.root / "_config.yml").read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BuildError(f"_config.yml is not valid YAML: {error}") from None


def repository(config: dict[str, Any]) -> str | None:
    """The address of the public repository, without a slash at the end, or None when it is unset.

    Raises `BuildError` when the setting is not of the form https://host/owner/name.
    """
    url = os.environ.get("DUALITY_REPOSITORY") or config.get("repository", {}).get("url") or ""
    url = url.rstrip("/").removesuffix(".git")
    if url and not re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", url):
        raise BuildError(f"repository address '{url}' is not of the form https://github.com/owner/name")
    return url or None


def render_config(config: dict[str, Any], mathjax: MathJax) -> dict[str, Any]:
    """`config` with MathJax from this machine, and with launch and source buttons if a repository is set."""
    full = yaml.safe_load(yaml.safe_dump(config))
    sphinx = full["sphinx"]["config"]
    sphinx["html_static_path"] = [*sphinx.get("html_static_path", []), str(mathjax.static)]
    sphinx["mathjax_path"] = mathjax.script
    theme = sphinx.setdefault("html_theme_options", {})
    url = repository(config)
    full.pop("repository", None)
    theme["use_download_button"] = url is not None
    if url is None:
        return full
    full["repository"] = {"url": url, "branch": PUBLISHED_BRANCH, "path_to_book": PUBLISHED_NOTEBOOKS}
    full["launch_buttons"] = {
        "notebook_interface": "jupyterlab",
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
    }
    theme |= {"use_repository_button": True, "use_source_button": True}
    sphinx["html_context"] = sphinx.get("html_context", {}) | {
        "edit_page_provider_name": "GitHub",
        "edit_page_url_template": SOURCE_OF_PAGE.format(url=url, branch=SOURCE_BRANCH),
    }
    sphinx["html_extra_path"] = ["extra"]
    return full
