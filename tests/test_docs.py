"""The pages name what is there: every file, folder, class and constant in them exists."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

from grader.authoring.new import new

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))]
#: The page that makes an assignment, whose files stand in no checkout.
AUTHORING = "docs/authoring.md"
#: Pages whose words in capitals are names of the engine's code.
OF_CODE = ["CONTRIBUTING.md", "docs/architecture.md"]
#: What a run makes: it stands in no checkout.
MADE = {
    "best_model.npz",
    "class.html",
    "errors.log",
    "feedback.html",
    "grades.csv",
    "grades/",
    "grades/class.html",
    "grades/report.html",
    "grades/report-shared.html",
    "grades/submissions/NAME/index.html",
    "index.html",
    "report.html",
    "gradebook.csv",
    "grades/changes.csv",
    "grades/written.csv",
    "policy.toml",
    "results.json",
    "leaderboard.html",
    "result.json",
    "similar.csv",
    "similar.html",
    "sources/earlier/",
    "sources/info.csv",
    "sources/submissions/",
    "sources/template/",
    "written.csv",
    "/proc",
    "submissions/",
}
#: Words of other things: environment variables, the manifest's, SQL's.
NO_CODE = {"CIFAR10_DIR", "CIFAR"}
SUFFIXES = {
    *("bin", "css", "csv", "html", "ipynb", "j2", "json", "log"),
    *("md", "npz", "png", "py", "svg", "toml", "txt", "yml"),
}
HIDDEN = {".git", ".tox", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


def tree(root: Path) -> set[str]:
    """Return every file and folder below *root*; folders end in a slash."""
    found = set()
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if not HIDDEN & set(parts) and "node_modules" not in parts:
            found.add("/".join(parts) + ("/" if path.is_dir() else ""))
    return found


def named(text: str) -> set[str]:
    """Return what a page names of files and folders: in backticks, in links, in its drawn tree."""
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```$", "", text))
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    links = [link.partition("#")[0] for link in links if "://" not in link]
    return {span for span in spans if _path(span)} | {link for link in links if link} - MADE


def _path(span: str) -> bool:
    if not re.fullmatch(r"[\w.*{}/-]+", span) or span in MADE or span.startswith(("-", "grades/")):
        return False
    suffix = span.rpartition(".")[2]
    inside = "/" in span and not re.fullmatch(r"[\d./]+|\w/\w|grader/\w+/v\d", span)
    return inside or (suffix in SUFFIXES and "." in span.strip("."))


def drawn(text: str) -> list[str]:
    """Return the paths of a tree of folders that is drawn by indenting names that end in "/"."""
    found: list[str] = []
    above: list[tuple[int, str]] = []
    for block in re.findall(r"(?ms)^```text$(.*?)^```$", text):
        for line in block.splitlines():
            entry = re.match(r"( *)([\w.]+/)(?: |$)", line)
            if entry:
                depth = len(entry[1])
                above = [pair for pair in above if pair[0] < depth]
                above.append((depth, entry[2]))
                found.append("".join(name for _, name in above))
    return found


def missing(names: Iterable[str], there: set[str], page: str = "") -> list[str]:
    """Return the *names* that no path of *there* ends in; a link may be relative to its *page*."""
    folder = page.rpartition("/")[0]
    return sorted(name for name in names if not _there(name, there, folder))


def _there(name: str, there: set[str], folder: str) -> bool:
    name = name.strip("/")
    if name.startswith("../"):
        name, folder = name.removeprefix("../"), ""
    places = [name, f"{folder}/{name}"]
    if "*" in name:
        return any(fnmatch(path.strip("/"), place) for path in there for place in places)
    ends = {path.strip("/") for path in there}
    return any(p in ends for p in places) or any(path.endswith(f"/{name}") for path in ends)


def code_names(text: str) -> set[str]:
    """Return the classes and constants that a page names in backticks."""
    spans = re.findall(r"`([A-Z]\w+)`", re.sub(r"(?ms)^```.*?^```$", "", text))
    return {span for span in spans if span not in NO_CODE}


@pytest.fixture(scope="module")
def there(root: Path) -> set[str]:
    """The files and folders of the checkout."""
    return tree(root)


@pytest.fixture(scope="module")
def pages(root: Path) -> Mapping[str, str]:
    """The text of each page."""
    return {page: (root / page).read_text("utf-8") for page in PAGES}


@pytest.fixture(scope="module")
def written(pages: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files and folders that an author has who follows the page on writing an assignment."""
    folder = tmp_path_factory.mktemp("written")
    new(folder / "stats")
    outputs = tomllib.loads((folder / "stats" / "assignment.toml").read_text("utf-8"))["outputs"]
    made = {path.removeprefix("../") + "/" for path in outputs.values()}
    blocks = re.findall(r"(?m)^```\w+ file=(\S+)$", pages[AUTHORING])
    return tree(folder) | made | set(blocks)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(
    pages: Mapping[str, str], there: set[str], written: set[str], page: str
) -> None:
    """Files and folders in backticks, links and drawn trees exist in the checkout."""
    known = there | written if page == AUTHORING else there
    assert missing(named(pages[page]), known, page) == []
    assert [path for path in drawn(pages[page]) if path not in there] == []


@pytest.mark.parametrize("page", OF_CODE)
def test_what_a_page_names_of_the_code_is_there(
    root: Path, pages: Mapping[str, str], page: str
) -> None:
    """Classes and constants in backticks are defined in the engine, variables in tox.ini."""
    texts = [path.read_text("utf-8") for path in (root / "grader").rglob("*.py")]
    defined = {
        name
        for text in texts
        for name in re.findall(r"^(?:class )?([A-Z]\w+)(?=[(:]| =|: )", text, re.MULTILINE)
    }
    variables = re.findall(r"(?m)^ +([A-Z]\w+) =", (root / "tox.ini").read_text("utf-8"))
    assert sorted(code_names(pages[page]) - defined - {*variables}) == []


def test_every_folder_of_the_engine_is_on_the_map(root: Path, pages: Mapping[str, str]) -> None:
    """A new folder of the engine is drawn in the architecture, with what it is for."""
    folders = {
        path.parent.relative_to(root).as_posix() + "/"
        for path in (root / "grader").rglob("*.py")
        if path.parent != root / "grader"
    }
    assert folders - set(drawn(pages["docs/architecture.md"])) == set()


def test_every_environment_of_tox_is_told(root: Path, pages: Mapping[str, str]) -> None:
    """CONTRIBUTING has a row for each environment, and for none that isn't there."""
    known = set(re.findall(r"^\[testenv:([\w-]+)\]$", (root / "tox.ini").read_text(), re.MULTILINE))
    told = set(re.findall(r"^\| `tox -e ([\w-]+)`", pages["CONTRIBUTING.md"], re.MULTILINE))
    assert told == known | {"tests"}


def test_the_container_installs_what_is_there(root: Path) -> None:
    """The Containerfile names extras of the project, and runs its command."""
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    text = (root / "Containerfile").read_text()
    extras = re.findall(r"pip install .*\[([\w,]+)\]", text)
    assert extras
    assert set(",".join(extras).split(",")) <= set(project["optional-dependencies"])
    assert 'ENTRYPOINT ["grader"]' in text
    assert "grader" in project["scripts"]


def test_what_is_not_there_is_found() -> None:
    """A file, a folder, a link and a folder of a drawn tree that don't exist are named."""
    there = {"docs/", "docs/map.md", "grader/", "grader/key/", "grader/key/store.py"}
    text = (
        "`grader/key/store.py` `key/store.py` `grader/lost.py` `grader/gone/` [map](map.md) "
        "[page](lost.md#part) `1/2` `N` `result.json` `docs/*.md` `docs/*.svg` [x](../grader/key)\n"
        "```text\ngrader/\n  key/    kept\n  attic/  lost\n```\n"
    )
    assert missing(named(text), there, "docs/index.md") == [
        "docs/*.svg",
        "grader/gone/",
        "grader/lost.py",
        "lost.md",
    ]
    assert drawn(text) == ["grader/", "grader/key/", "grader/attic/"]
    assert code_names("`Sandbox` `LIMIT_MB` `sandbox` `CIFAR10_DIR`") == {"Sandbox", "LIMIT_MB"}


def test_what_the_mutation_run_names_is_there(root: Path, there: set[str]) -> None:
    """Modules to change and tests to ask, in pyproject.toml, exist."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    names = [*settings["only_mutate"], *settings["pytest_add_cli_args_test_selection"]]
    assert missing(names, there) == []
