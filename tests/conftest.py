"""Fixtures for tests that look at the real, built site."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

from duality.book.build import build
from duality.book.layout import Project
from duality.book.workers import cores

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def site() -> Project:
    """The book, built with what is already on disk reused; by one worker while the others wait."""
    project = Project(Path(__file__).resolve().parents[1])
    project.build.mkdir(exist_ok=True)
    with FileLock(project.build / "site.lock"):
        build(project, "quick", cores())
    return project


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless browser of this machine. Without one the tests fail, unless told that this is meant."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = "no browser is installed: apt-get install chromium"
        if os.environ.get("DUALITY_NO_BROWSER") == "1":
            pytest.skip(message)
        pytest.fail(message, pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
