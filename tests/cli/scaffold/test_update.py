"""`zoo plugins update`: new templates reach existing projects, and nothing that an author wrote is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.scaffold.projects import write_files
from zoo_cli.scaffold import merge, update
from zoo_cli.scaffold.example_kinds import KINDS
from zoo_cli.scaffold.project import render_project
from zoo_cli.scaffold.record import RECORD_FILE
from zoo_cli.scaffold.templates import render_templates

OWN = "# a line of the author\n"
WORKFLOW = ".github/workflows/test.yml"


@pytest.fixture
def project(tmp_path):
    """A project of all kinds, in its folder."""
    return write_files(tmp_path / "mine", render_project("textzoo-mine", KINDS))


@pytest.fixture
def newer(monkeypatch):
    """Newer templates: each file ends with one more line, and one file is new."""

    def render(kinds):
        texts = {path: f"{text}# new in the template\n" for path, text in render_templates(kinds).items()}
        return {**texts, "{{ package }}/added.py": '"""Added for {{ plugin }}."""\n'}

    monkeypatch.setattr(update, "render_templates", render)


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def states(answer) -> dict[str, str]:
    return {row["file"]: row["state"] for row in answer.json["files"]}


def test_new_project_is_up_to_date(zoo, project):
    before = read_files(project)
    for options in ([], ["--check"], ["--dry-run"]):
        answer = zoo("plugins", "update", project, *options)
        assert (answer.code, answer.out, answer.err) == (0, "", "the project is up to date\n")
    assert read_files(project) == before


def test_unchanged_files_are_replaced(zoo, project, newer):
    before = read_files(project)
    answer = zoo("plugins", "update", project, "--check", "--json")
    assert (answer.code, answer.json["needed"], answer.json["written"]) == (1, True, False)
    assert zoo("plugins", "update", project, "--dry-run").code == 0
    assert read_files(project) == before
    answer = zoo("plugins", "update", project, "--json")
    assert (answer.code, answer.json["written"]) == (0, True)
    assert set(states(answer).values()) == {"replaced", "created"}
    after = read_files(project)
    assert after["textzoo_mine/added.py"] == b'"""Added for mine."""\n'
    assert all(after[path] == text + b"# new in the template\n" for path, text in before.items() if path != RECORD_FILE)
    assert zoo("plugins", "update", project, "--check").code == 0


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_edits_in_every_file_are_kept(zoo, project, newer, newline):
    expected = {}
    for path, data in read_files(project).items():
        if path != RECORD_FILE:
            text = data.decode()
            (project / path).write_bytes((OWN + text).replace("\n", newline).encode())
            expected[path] = (OWN + text + "# new in the template\n").replace("\n", newline).encode()
    answer = zoo("plugins", "update", project, "--json")
    after = read_files(project)
    for path, state in states(answer).items():
        if state == "conflict":  # in a file that was empty, both added a line at one place
            assert after[path] == OWN.replace("\n", newline).encode()
            assert OWN.encode() in after[f"{path}.new"] and b"# new in the template" in after[f"{path}.new"]
        elif state == "merged":
            assert after[path] == expected[path]
    conflicts = [path for path, state in states(answer).items() if state == "conflict"]
    assert (answer.code, conflicts) == (1, ["textzoo_mine/py.typed"])
    assert list(states(answer).values()).count("merged") == len(expected) - 1


def test_without_git_the_new_text_is_written_beside(zoo, project, newer, monkeypatch):
    monkeypatch.setattr(merge, "_find_git", lambda: None)
    readme = OWN + (project / "README.md").read_text("utf-8")
    (project / "README.md").write_text(readme, "utf-8")
    (project / "LICENSE").write_bytes(b"\xff not UTF-8")
    answer = zoo("plugins", "update", project)
    assert (answer.code, "git is not installed" in answer.out, "2 files for you to merge" in answer.err) == (
        1,
        True,
        True,
    )
    assert (project / "README.md").read_text("utf-8") == readme
    assert (project / "LICENSE").read_bytes() == b"\xff not UTF-8"
    assert (project / "README.md.new").read_text("utf-8").endswith("# new in the template\n")
    assert zoo("plugins", "update", project).code == 0  # once written, it is its author's


def test_deleted_files_stay_deleted(zoo, project, newer):
    deleted = [path for path in read_files(project) if path.startswith(("tests/", "textzoo_mine/modules/", "LICENSE"))]
    for path in deleted:
        (project / path).unlink()
    assert zoo("plugins", "update", project).code == 0
    assert not [path for path in deleted if (project / path).exists()]


def test_renamed_project_is_updated_under_its_name(zoo, project, newer):
    expected = render_project("textzoo-yours", KINDS)
    for path in read_files(project):
        (project / path).unlink()
    write_files(project, {path: text for path, text in expected.items() if path != RECORD_FILE})
    (project / RECORD_FILE).write_text(render_project("textzoo-mine", KINDS)[RECORD_FILE], "utf-8")
    answer = zoo("plugins", "update", project, "--json")
    assert (answer.code, set(states(answer).values())) == (0, {"created", "replaced"})
    assert (project / "textzoo_yours" / "added.py").read_text("utf-8") == '"""Added for yours."""\n'
    assert not (project / "textzoo_mine" / "added.py").exists()


def test_project_without_a_record(zoo, project, newer):
    own = '"""Losses of the author."""\n'
    (project / RECORD_FILE).unlink()
    (project / "textzoo_mine" / "losses.py").write_text(own, "utf-8")
    (project / "tests" / "test_losses.py").unlink()
    (project / WORKFLOW).unlink()
    before = read_files(project)
    answer = zoo("plugins", "update", project, "--json")
    found = states(answer)
    assert (answer.code, found.pop(WORKFLOW)) == (1, "created")
    assert set(found.values()) == {"differs"} and found.keys() == {
        *("pyproject.toml", "README.md", "LICENSE", ".gitignore", "tests/test_contract.py")
    }
    after = read_files(project)
    assert all(after[path] == text for path, text in before.items())
    assert set(json.loads(after[RECORD_FILE])["kinds"]) == set(KINDS)


def test_kind_is_added_to_a_project(zoo, tmp_path):
    project = write_files(tmp_path / "mine", render_project("textzoo-mine", ["loss"]))
    answer = zoo("plugins", "update", project, "--kind", "metric", "--json")
    assert answer.code == 0
    expected = render_project("textzoo-mine", ["loss", "metric"])
    assert read_files(project) == {path: text.encode() for path, text in expected.items()}


def test_text_beside_a_file_replaces_no_other(zoo, refused, project, newer, monkeypatch):
    monkeypatch.setattr(merge, "_find_git", lambda: None)
    (project / "README.md").write_text(OWN, "utf-8")
    (project / "README.md.new").write_text("of the author\n", "utf-8")
    before = read_files(project)
    refused(zoo("plugins", "update", project), 2, "README.md.new exists", "merge it into the file")
    assert read_files(project) == before


def test_file_of_the_author_under_a_new_name_is_kept(zoo, project, newer):
    (project / "textzoo_mine" / "added.py").write_text(OWN, "utf-8")
    answer = zoo("plugins", "update", project, "--json")
    assert (answer.code, states(answer)["textzoo_mine/added.py"]) == (1, "conflict")
    assert (project / "textzoo_mine" / "added.py").read_text("utf-8") == OWN


def test_obsolete_files_stay(zoo, project, monkeypatch):
    monkeypatch.setattr(
        update,
        "render_templates",
        lambda kinds: {path: text for path, text in render_templates(kinds).items() if path != "LICENSE"},
    )
    answer = zoo("plugins", "update", project, "--json")
    assert (answer.code, states(answer)) == (0, {"LICENSE": "obsolete"})
    assert (project / "LICENSE").exists()


def test_links_are_not_followed(zoo, refused, project, newer, tmp_path):
    outside = tmp_path / "outside.md"
    (project / "README.md").replace(outside)
    (project / "README.md").symlink_to(outside)
    before = outside.read_bytes()
    refused(zoo("plugins", "update", project), 2, "README.md is a link")
    assert outside.read_bytes() == before


def test_interrupted_update_is_repeated(zoo, refused, project, newer, monkeypatch):
    (project / "README.md").write_text(OWN + (project / "README.md").read_text("utf-8"), "utf-8")
    write, written = update.write_file, []

    def fail_at_the_fifth(path, data):
        if len(written) == 4:
            raise OSError(28, "No space left on device")
        written.append(path)
        write(path, data)

    monkeypatch.setattr(update, "write_file", fail_at_the_fifth)
    refused(zoo("plugins", "update", project), 7, "No space left on device")
    monkeypatch.setattr(update, "write_file", write)
    assert zoo("plugins", "update", project).code == 0
    assert (project / "README.md").read_text("utf-8").count(OWN) == 1
    assert (project / "README.md").read_text("utf-8").count("# new in the template") == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"version": "0.1", "kinds": "loss", "files": {}}',
        '{"version": "0.1", "kinds": [], "files": [1]}',
    ],
)
def test_invalid_record_is_rejected(zoo, refused, project, content):
    (project / RECORD_FILE).write_text(content, "utf-8")
    refused(zoo("plugins", "update", project), 2, "not a record of zoo plugins new", "--kind")


def test_record_of_a_later_version_is_rejected(zoo, refused, project):
    (project / RECORD_FILE).write_text('{"version": "9.0", "kinds": ["dancer"], "files": {}}', "utf-8")
    refused(zoo("plugins", "update", project), 2, "unknown kinds: dancer", "pip install -U textzoo")


def test_folder_without_a_project_is_rejected(zoo, refused, tmp_path):
    refused(zoo("plugins", "update", tmp_path), 2, "no such file", "pyproject.toml")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\n', "utf-8")
    refused(zoo("plugins", "update", tmp_path), 2, "no entry point", "zoo plugins new")


@pytest.mark.parametrize(
    "path", ["../outside.py", "/outside.py", "a/../../outside.py", "C:\\outside.py", "..\\outside.py"]
)
def test_record_of_files_outside_of_the_project_is_rejected(zoo, refused, project, path):
    record = json.loads((project / RECORD_FILE).read_text("utf-8"))
    record["files"][path] = ["x\n"]
    (project / RECORD_FILE).write_text(json.dumps(record), "utf-8")
    refused(zoo("plugins", "update", project), 2, "not a record of zoo plugins new")


def test_git_reads_no_configuration_of_the_project(zoo, project, newer):
    (project / ".git").mkdir()
    (project / ".git" / "config").write_text("[core]\n\tthis is no configuration\n", "utf-8")
    (project / "README.md").write_text(OWN + (project / "README.md").read_text("utf-8"), "utf-8")
    assert states(zoo("plugins", "update", project, "--json"))["README.md"] == "merged"
