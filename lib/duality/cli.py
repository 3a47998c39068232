"""The console command `duality`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from duality import __version__
from duality.book.errors import BuildError, InputError

EXAMPLES = {
    "build": """examples:
  duality build                        run what has changed, render, print the page to open
  duality build --profile full         the printed settings instead of small ones
  duality build --jobs 1               one chapter at a time""",
    "run": """examples:
  duality run 02-gradient-descent
  duality run 02-gradient-descent -p mu 0.01 -p k_max 60""",
    "ledger": """examples:
  duality ledger                       one line per claim
  duality ledger --json                all rows as data""",
    "claim": """examples:
  duality claim gd-convergence         evaluate it now and show the evidence
  duality claim gd-convergence --json""",
    "figure": """examples:
  duality figure trends                the recorded, full-size run: writes figures/trends/
  duality figure trends --profile quick  a small run: writes _build/figures/trends/
  duality figure hybrid-printed --scheduler tcp://127.0.0.1:8786  on a Dask cluster""",
    "bench": """examples:
  duality bench ensemble               training many small models, against one at a time
  duality bench ensemble --json        the same as data
  duality bench folding                differentiating solvers, four ways""",
    "serve": """examples:
  duality serve
  duality serve --port 9000""",
}


VALUED = "-p"  # NAME VALUE


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def parser() -> argparse.ArgumentParser:
    """The command line of `duality`."""
    top = Parser(
        prog="duality",
        description="Theorems That Run: build the book, rerun a chapter, question a claim.",
        epilog="`duality COMMAND --help` shows examples.",
    )
    top.add_argument("--version", action="version", version=f"duality {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", parser_class=Parser)

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=EXAMPLES[name],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=globals()[f"run_{name}"])
        return sub

    build = command("build", "run the chapters that changed and render the site")
    build.add_argument("--profile", default="quick", help="quick (default) or full")
    build.add_argument("--jobs", type=int, help="chapters at a time (default: one per core)")
    run = command("run", "run one chapter with other parameters")
    run.add_argument("chapter", metavar="CHAPTER", help="its file name without .md")
    run.add_argument(VALUED, nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), dest="parameters")
    ledger = command("ledger", "show all claims with their verdicts")
    ledger.add_argument("--json", action="store_true", help="print one object per claim")
    claim = command("claim", "evaluate one claim now and show its evidence")
    claim.add_argument("claim", metavar="ID")
    claim.add_argument("--json", action="store_true", help="print the row as an object")
    figure = command("figure", "run the experiment behind a figure and draw it")
    figure.add_argument("figure", metavar="ID")
    figure.add_argument("--profile", default="full", help="full (default, recorded) or quick")
    figure.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster whose workers do the work")
    bench = command("bench", "measure how fast a part of the library is, in one run")
    bench.add_argument("part", metavar="NAME")
    bench.add_argument("--json", action="store_true", help="print one object per row")
    serve = command("serve", "serve the built site on a local port")
    serve.add_argument("--port", type=int, default=8000, help="default: 8000; 0 takes any free port")
    return top


def values_marked(arguments: Sequence[str]) -> list[str]:
    """`arguments` with a blank before each parameter value that begins like an option, such as -1e-3.

    argparse knows negative numbers only without an exponent; an argument with a blank is none of its options.
    """
    is_value = [False, False] + [argument == VALUED for argument in arguments]
    return [f" {a}" if marked and a.startswith("-") else a for a, marked in zip(arguments, is_value, strict=False)]


def run_build(options: argparse.Namespace) -> None:
    """Build the site and print the page to open."""
    from duality.book.build import build
    from duality.book.layout import find_project
    from duality.book.workers import cores

    if options.jobs is not None and options.jobs < 1:
        raise InputError(f"--jobs must be positive, not {options.jobs}")
    project = find_project()
    build(project, options.profile, options.jobs or cores())
    print(f"open {project.index}")


def run_run(options: argparse.Namespace) -> None:
    """Run one chapter with the given parameters and print where the result lies."""
    from duality.book.layout import find_project
    from duality.book.runs import run_chapter

    given = {name: value.strip() for name, value in options.parameters}
    print(run_chapter(find_project(), options.chapter, given))


def run_ledger(options: argparse.Namespace) -> None:
    """Print all rows; those of the last build when nothing they depend on has changed."""
    from duality.book.build import ledger_rows
    from duality.book.chapters import read_chapters
    from duality.book.layout import find_project
    from duality.book.stage import boxes_of, with_chapter_links

    project = find_project()
    rows = with_chapter_links(json.loads(ledger_rows(project)), boxes_of(read_chapters(project)))
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        print(f"{row['id']:{width}}  {row['verdict']:14}  {row['source']}")


def run_claim(options: argparse.Namespace) -> None:
    """Evaluate one claim and print its row."""
    from duality.book.chapters import read_chapters
    from duality.book.layout import find_project
    from duality.book.stage import boxes_of, with_chapter_links
    from duality.book.topics import settle
    from duality.ledger.report import text

    boxed = boxes_of(read_chapters(find_project()))
    (row,) = with_chapter_links(settle([options.claim]), boxed)
    print(json.dumps(row, indent=1, ensure_ascii=False) if options.json else text(row))


def run_figure(options: argparse.Namespace) -> None:
    """Run one experiment and print where its drawing lies."""
    from duality.book.layout import find_project
    from duality.book.runs import run_figure

    print(run_figure(find_project(), options.figure, options.profile, options.scheduler))


def run_bench(options: argparse.Namespace) -> None:
    """Run one benchmark and print its table."""
    import pandas as pd

    from duality.book.topics import benchmark

    rows = benchmark(options.part).rows()
    print(json.dumps(rows, indent=1) if options.json else pd.DataFrame(rows).to_string(index=False))


def run_serve(options: argparse.Namespace) -> None:
    """Serve the site until interrupted."""
    from duality.book.layout import find_project
    from duality.book.serve import server

    with server(find_project(), options.port) as running:
        print(f"http://127.0.0.1:{running.server_address[1]}/ (stop with Ctrl-C)", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            running.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 (the book is broken) or 2 (bad input)."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        options = parser().parse_args(values_marked(sys.argv[1:] if arguments is None else arguments))
        if not hasattr(options, "run"):
            parser().print_help()
            return 2
        options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except InputError as error:
        print(f"duality: {error}", file=sys.stderr)
        return 2
    except BuildError as error:
        print(f"duality: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("duality: interrupted; chapters that had finished are kept", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
