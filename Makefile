# Every task of the project; `make help` lists them. The virtual environment is made when it is missing.
PYTHON ?= python3
# In the conda environment of environment.yml, once it is activated; otherwise in one that is made here.
ifeq ($(CONDA_DEFAULT_ENV),assocmem)
VENV   ?= $(CONDA_PREFIX)
endif
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
JOBS   ?= 2
SCALE  ?= local
SITE   := _build/html
CODE   := src tests tools book benchmarks
# A build goes to NEXT and takes the place of SITE only when nothing is wrong with it.
NEXT   := _build/next

# One thread a process: the same sums in the same order, and no fight for cores.
export OMP_NUM_THREADS = 1
export HF_HUB_OFFLINE = 1
export PYDEVD_DISABLE_FILE_VALIDATION = 1

.DEFAULT_GOAL := help
.PHONY: help install book serve test wheel-test reproduce browse reference lint format lab bench pdf lock clean

help: ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## make the virtual environment

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[book,test,dev,sweep,gguf]'
	touch $@

book: $(STAMP) ## run the notebooks and build the site, warnings as errors
	rm -rf $(SITE) $(NEXT)
	$(BIN)/jupyter-book build . --path-output $(NEXT) --all -W -n --keep-going
	$(BIN)/python tools/check_site.py $(NEXT)/_build/html
	mv $(NEXT)/_build/html $(SITE)
	@echo "The book is at $(SITE)/index.html; 'make serve' shows it at http://localhost:8000"

serve: ## show the built book at http://localhost:8000
	$(BIN)/python -m http.server --directory $(SITE) 8000

test: $(STAMP) ## all tests: unit, property, certified, mutation, notebooks
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder --color=no

wheel-test: $(STAMP) ## install the built wheel into an empty environment: all verdicts, all notebooks, tests of the sdist
	$(BIN)/python -m pytest -q -m 'slow or wheel' tests/packaging --color=no

reproduce: $(STAMP) ## build the site twice, under other hash seeds, time zones and locales: equal byte for byte
	rm -rf _build/reproduce _build/.jupyter_cache
	PYTHONHASHSEED=1 TZ=Asia/Tokyo LC_ALL=C.UTF-8 $(BIN)/jupyter-book build . --path-output _build/reproduce/1 --all -W -n --keep-going
	rm -rf _build/.jupyter_cache
	PYTHONHASHSEED=77 TZ=America/New_York LC_ALL=C $(BIN)/jupyter-book build . --path-output _build/reproduce/2 --all -W -n --keep-going
	$(BIN)/python tools/compare_sites.py _build/reproduce/1/_build/html _build/reproduce/2/_build/html

browse: $(STAMP) ## test the built book in Chromium, page by page (installs Playwright, takes the system's browser)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[browser]'
	$(BIN)/python -m pytest -q -m browser tests/browser --color=no -rs
	$(BIN)/python tools/time_math.py

reference: $(STAMP) ## run the notebooks and rewrite their executed copies
	$(BIN)/python tools/reference.py

lint: $(STAMP) ## ruff, its layout, mypy, and the bars for notebooks and docstrings
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/python tools/lint_notebooks.py
	$(BIN)/python tools/lint_docstrings.py

format: $(STAMP) ## lay out the code as `make lint` wants it
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

lab: $(STAMP) ## open the notebooks in JupyterLab (installs it)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[lab]'
	$(BIN)/jupyter lab notebooks

bench: $(STAMP) ## the torch module and the training beside their peers (installs them); writes results/, ignored by git
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	OMP_NUM_THREADS=$(JOBS) $(BIN)/python benchmarks/memory.py --scale $(SCALE)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/training.py --scale $(SCALE)

pdf: $(STAMP) ## the book as PDF (needs a LaTeX installation with latexmk)
	$(BIN)/jupyter-book build . --builder pdflatex --keep-going

lock: $(STAMP) ## rewrite constraints.txt from what is installed
	$(BIN)/python tools/lock.py

clean: ## remove what was built, keep the environment
	rm -rf _build .pytest_cache .hypothesis .mypy_cache .ruff_cache
