# make book     build the site and print the page to open
# make test     everything that is checked, the built site in a browser included
# make serve    look at the built site on a local port
# make chapter  run one chapter:  make chapter NAME=02-gradient-descent
# make clean    forget everything that was built; the environment stays

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: book test serve chapter clean

book: $(READY)
	@$(BIN)/duality build

test: $(READY)
	$(BIN)/ruff check lib tests
	$(BIN)/ruff format --check lib tests
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

serve: book
	@$(BIN)/duality serve

chapter: $(READY)
	@test -n "$(NAME)" || { echo "say which chapter: make chapter NAME=02-gradient-descent" >&2; exit 2; }
	@$(BIN)/duality run $(NAME)

clean:
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The environment, made once and again when what it is made from changes.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "could not make an environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet -r requirements.txt -e .
	@$(BIN)/python -m duality.book.mathjax
	@touch $@
