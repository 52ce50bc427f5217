"""Damage to files and folders: links, pipes, names, archives, sizes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import unicodedata
import zipfile
from pathlib import Path

from damaged.kind import LOST, Damage, Kind, replace
from damaged.small_course import FIRST, SECOND

NOTEBOOK = f"{FIRST}.ipynb"
NO_LINK = f"{FIRST} was not graded: it is a symbolic link, not a file. Ask for the file itself."


def not_graded(why: str) -> str:
    return f"{FIRST} was not graded: {why}"


def taken(name: str) -> str:
    return f"{name} was graded as {NOTEBOOK}, which is missing or can't be used."


def renamed(name: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / NOTEBOOK).rename(folder / name)

    return damage


def copied(name: str) -> Damage:
    return lambda folder: shutil.copy(folder / NOTEBOOK, folder / name) and None


def link(target: str) -> Damage:
    """The notebook is a link; `{root}` is the course."""
    return lambda folder: replace(folder, lambda path: path.symlink_to(target.format(root=folder.parents[2])))


def linked(name: str, target: str) -> Damage:
    return lambda folder: (folder / name).symlink_to(target.format(root=folder.parents[2]))


def instead(what: str) -> Damage:
    def make(path: Path) -> None:
        if what == "pipe":
            os.mkfifo(path)
        elif what == "folder":
            path.mkdir()
            (path / "notes.txt").write_text("nothing here")
        elif what == "socket":
            with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
                server.bind(f"{short}/s")
                shutil.move(f"{short}/s", path)

    return lambda folder: replace(folder, make)


def linked_student(folder: Path) -> None:
    folder.parent.rename(folder.parents[2] / "elsewhere")
    folder.parent.symlink_to(folder.parents[2] / "elsewhere")


def linked_assignment(folder: Path) -> None:
    folder.rename(folder.parents[2] / "elsewhere-too")
    folder.symlink_to(folder.parents[2] / "elsewhere-too")


def file_for(what: str) -> Damage:
    def damage(folder: Path) -> None:
        place = folder if what == "assignment" else folder.parent
        shutil.rmtree(place)
        place.write_text("a file")

    return damage


def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def zipped(folder: Path, name: str = f"work/{NOTEBOOK}") -> None:
    with zipfile.ZipFile(folder / "work.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / NOTEBOOK, name)
    (folder / NOTEBOOK).unlink()


def packed_otherwise(folder: Path) -> None:
    (folder / NOTEBOOK).rename(folder / "homework.rar")


def broken_zip(folder: Path) -> None:
    replace(folder, lambda path: path.with_name(f"{FIRST}.zip").write_bytes(b"PK\x03\x04 and no more"))


def swapped(folder: Path) -> None:
    (folder / NOTEBOOK).rename(folder / "between")
    (folder / f"{SECOND}.ipynb").rename(folder / NOTEBOOK)
    (folder / "between").rename(folder / f"{SECOND}.ipynb")


def twice_the_second(folder: Path) -> None:
    shutil.copy(folder / f"{SECOND}.ipynb", folder / NOTEBOOK)


def sparse(name: str, size: int) -> Damage:
    """A file of a size that takes no room on the disk."""

    def damage(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.truncate(size)

    return damage


def many(folder: Path) -> None:
    for number in range(3000):
        (folder / f"data-{number:04}.csv").write_text("1")


def deep(folder: Path) -> None:
    place = folder
    for _ in range(40):
        place = place / "deeper"
    place.mkdir(parents=True)
    (place / "data.csv").write_text("1")


def form(ending: str, text: str) -> Damage:
    return lambda folder: replace(folder, lambda path: path.with_suffix(ending).write_text(text))


def read_only(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)


def stamped(data: bytes) -> Damage:
    return lambda folder: (folder / "timestamp.txt").write_bytes(data) and None


def stamped_folder(folder: Path) -> None:
    (folder / "timestamp.txt").mkdir()
    (folder / "timestamp.txt/notes.txt").write_text("2024-01-02 10:00:00 UTC")


def two_copies(folder: Path) -> None:
    for number, age in ((1, 0), (2, 1000)):
        shutil.copy2(folder / NOTEBOOK, folder / f"1-counts-Copy{number}.ipynb")
        about = (folder / NOTEBOOK).stat()
        os.utime(folder / f"1-counts-Copy{number}.ipynb", (about.st_atime, about.st_mtime - age))
    (folder / NOTEBOOK).unlink()


def checkpoint(folder: Path) -> None:
    (folder / ".ipynb_checkpoints").mkdir()
    shutil.copy(folder / NOTEBOOK, folder / ".ipynb_checkpoints/1-counts-checkpoint.ipynb")


def file_for_images(folder: Path) -> None:
    (folder / "images").write_text("a file")


def folder_for_an_image(folder: Path) -> None:
    (folder / "images/one.png").mkdir(parents=True)
    (folder / "images/one.png/mine.txt").write_text("a file")


def odd_data(folder: Path) -> None:
    for name in ("a\nb.csv", "'\"; rm", "-x", " ", os.fsdecode(b"\xff.csv"), "x" * 250):
        (folder / name).write_text("1")


def two_attempts(folder: Path) -> None:
    """As a learning platform packs them: both times are that of the download, and the first one was wrong."""
    earlier, later = (folder / f"counts_ada_attempt_2026-03-{day}-10-20-30_{NOTEBOOK}" for day in ("09", "10"))
    shutil.copy(folder / NOTEBOOK, earlier)
    (folder / NOTEBOOK).rename(later)
    earlier.write_text(earlier.read_text().replace("return n * n", "return n"))
    os.utime(later, (1e9, 1e9))


def later_copy(folder: Path) -> None:
    """The student went on in a copy, a day later."""
    shutil.copy(folder / NOTEBOOK, folder / "1-counts_final.ipynb")
    text = (folder / NOTEBOOK).read_text()
    (folder / NOTEBOOK).write_text(text.replace("return n * n", "return n"))
    os.utime(folder / NOTEBOOK, (1e9, 1e9))


def worked_copy(folder: Path) -> None:
    """The student worked in a copy, and left the notebook as it was released."""
    (folder / NOTEBOOK).rename(folder / "1-counts-Copy1.ipynb")
    shutil.copy(folder.parents[2] / "release/counts" / NOTEBOOK, folder / NOTEBOOK)


def bare(folder: Path) -> None:
    """An editor dropped all metadata and ids, and the student chose a name."""
    nb = json.loads((folder / NOTEBOOK).read_text())
    nb.update(metadata={}, nbformat_minor=2)
    for one in nb["cells"]:
        one["metadata"] = {}
        del one["id"]
    (folder / NOTEBOOK).unlink()
    (folder / "devoir.ipynb").write_text(json.dumps(nb))


COPIES = (
    f"{taken('1-counts-Copy1.ipynb')}\n"
    "1-counts-Copy2.ipynb is another version of 1-counts, and was not graded. Look at it."
)
ACCENT = unicodedata.normalize("NFD", "Zoé")
NO_TIME = "timestamp.txt does not hold a time, so lateness is not known. Correct it: nbgrader stops at it."

LINKS = [
    Kind("a link to the gradebook", link("{root}/gradebook.db"), NO_LINK, None),
    Kind("a link to the course's own notebook", link("{root}/source/counts/1-counts.ipynb"), NO_LINK, None),
    Kind("a link to another student's work", link("{root}/submitted/sound-1/counts/1-counts.ipynb"), NO_LINK, None),
    Kind("a link that leads nowhere", link("nowhere.ipynb"), NO_LINK, None),
    Kind("a link to itself", link(NOTEBOOK), NO_LINK, None),
    Kind(
        "a link next to the notebooks",
        linked("data.csv", "/etc/passwd"),
        "data.csv: a symbolic link is not followed, and was left out.",
    ),
    Kind(
        "a linked folder next to the notebooks",
        linked("images", "{root}/source"),
        "images: a symbolic link is not followed, and was left out.",
    ),
    Kind(
        "the student's folder is a link",
        linked_student,
        "it is a symbolic link, not a folder, and was ignored. Put the work itself there.",
        graded=False,
    ),
    Kind(
        "the assignment's folder is a link",
        linked_assignment,
        "counts is a symbolic link, not a folder, and was ignored. Put the work itself there.",
        graded=False,
    ),
]
NO_FILES = [
    Kind("a named pipe", instead("pipe"), not_graded("it is a named pipe, not a file. Ask for the file itself."), None),
    Kind("a socket", instead("socket"), not_graded("it is a socket, not a file. Ask for the file itself."), None),
    Kind(
        "a folder in a notebook's place",
        instead("folder"),
        not_graded("it is a folder, not a file. Ask for the file itself."),
        None,
    ),
    Kind(
        "a folder in a notebook's place, and the notebook in it",
        lambda folder: (renamed("x")(folder), renamed_into(folder))[0],
        taken(f"{NOTEBOOK}/{NOTEBOOK}"),
    ),
    Kind(
        "a file in place of the student's folder",
        file_for("student"),
        "it is a file, not a folder. Put it into submitted/STUDENT/counts/.",
        graded=False,
    ),
    Kind(
        "a file in place of the assignment's folder",
        file_for("assignment"),
        "counts is a file, not a folder, and was ignored. Put the work itself there.",
        graded=False,
    ),
    Kind("an empty folder", emptied, graded=False),
    Kind("files that are read-only", read_only),
    Kind(
        "a file where the assignment has a folder",
        file_for_images,
        "images: the assignment has a file or folder there, which was used instead.",
    ),
    Kind(
        "a folder where the assignment has a file",
        folder_for_an_image,
        "images/one.png/mine.txt: the assignment has a file or folder there, which was used instead.",
    ),
    Kind("data files with odd names", odd_data),
    Kind(
        "a file with the name of the program that runs notebooks",
        lambda folder: (folder / "ipykernel_launcher.py").write_text("import os; os._exit(3)") and None,
        "ipykernel_launcher.py: left out, because Python would run it in place of the kernel.",
    ),
]


def renamed_into(folder: Path) -> None:
    (folder / NOTEBOOK).mkdir()
    (folder / "x").rename(folder / NOTEBOOK / NOTEBOOK)


NAMES = [
    Kind("a student's name in another script", lambda folder: None, student="Σωκράτης 学生"),
    Kind("a student's name in decomposed letters", lambda folder: None, student=ACCENT),
    Kind("a student's name with quotes and a trailing space", lambda folder: None, student='O\'Neil "Jo" '),
    Kind("a student's name with a leading dash", lambda folder: None, student="-rf"),
    Kind(
        "a student's name with a line break",
        lambda folder: None,
        "nbgrader does not support control characters in the name of a folder. Rename it.",
        student="line\nbreak",
        graded=False,
    ),
    Kind(
        "a student's name that is not UTF-8",
        lambda folder: None,
        "the name of this folder is not UTF-8. Rename it.",
        student=os.fsdecode(b"Zo\xe9"),
        graded=False,
    ),
    Kind("a name in capitals", renamed("1-COUNTS.IPYNB"), taken("1-COUNTS.IPYNB")),
    Kind("a browser's second download", renamed("1-counts (1).ipynb"), taken("1-counts (1).ipynb")),
    Kind("Jupyter's copy alone", renamed("1-counts-Copy1.ipynb"), taken("1-counts-Copy1.ipynb")),
    Kind("a copy of Google Drive", renamed("Copy of 1-counts.ipynb"), taken("Copy of 1-counts.ipynb")),
    Kind("an ending that a browser added", renamed("1-counts.ipynb.txt"), taken("1-counts.ipynb.txt")),
    Kind("a trailing space", renamed("1-counts.ipynb "), taken("1-counts.ipynb ")),
    Kind("a leading dot", renamed(".1-counts.ipynb"), taken(".1-counts.ipynb")),
    Kind("the student's name in the file's name", renamed("ada_1-counts.ipynb"), taken("ada_1-counts.ipynb")),
    Kind("a name with a line break", renamed("1-\ncounts.ipynb"), taken("'1-\\ncounts.ipynb'")),
    Kind("a name of its own", renamed("homework ß.ipynb"), taken("homework ß.ipynb")),
    Kind("a name that is not UTF-8", renamed(os.fsdecode(b"1-counts \xe9.ipynb")), taken("'1-counts \\udce9.ipynb'")),
    Kind("two copies and no original", two_copies, COPIES),
    Kind("a checkpoint of Jupyter next to the notebooks", checkpoint),
    Kind("in a folder of its own", renamed("week 1/1-counts.ipynb"), taken("week 1/1-counts.ipynb")),
    Kind(
        "a copy next to the original",
        copied("1-counts-Copy1.ipynb"),
        "1-counts-Copy1.ipynb is another version of 1-counts, and was not graded. Look at it.",
    ),
    Kind(
        "two attempts in one folder",
        two_attempts,
        f"{taken('counts_ada_attempt_2026-03-10-10-20-30_1-counts.ipynb')}\n"
        "counts_ada_attempt_2026-03-09-10-20-30_1-counts.ipynb is another version of 1-counts, and was not graded. "
        "Look at it.",
    ),
    Kind(
        "a later version under another name",
        later_copy,
        "1-counts_final.ipynb was graded as 1-counts.ipynb: it is later than the file of that name.\n"
        "1-counts.ipynb is another version of 1-counts, and was not graded. Look at it.",
    ),
    Kind(
        "a copy with the work in it, and the original as released",
        worked_copy,
        not_graded("1-counts.ipynb is as released, and 1-counts-Copy1.ipynb has work in it. Keep the one that counts."),
        None,
    ),
    Kind("a name of its own, without metadata and ids", bare, f"{taken('devoir.ipynb')}\n{LOST}"),
    Kind(
        "two notebooks under each other's name",
        swapped,
        f"{SECOND}.ipynb was graded as {NOTEBOOK}, which is missing or can't be used.\n"
        f"{NOTEBOOK} was graded as {SECOND}.ipynb, which is missing or can't be used.",
    ),
    Kind(
        "the second notebook under the first one's name too",
        twice_the_second,
        not_graded(f"the file holds the cells of {SECOND}. Ask for {FIRST}."),
        None,
    ),
]
FORMS = [
    Kind("inside a ZIP archive", zipped, taken(f"work.zip ({NOTEBOOK})")),
    Kind(
        "inside a ZIP archive that points outside",
        lambda folder: zipped(folder, f"../../../{NOTEBOOK}"),
        taken(f"work.zip ({NOTEBOOK})"),
    ),
    Kind(
        "a broken ZIP archive",
        broken_zip,
        not_graded("1-counts.zip is an archive. Ask for the notebook itself."),
        None,
    ),
    Kind(
        "an archive of another kind, with a name of its own",
        packed_otherwise,
        "homework.rar: no missing notebook was found in it. Look into it.\n"
        f"{FIRST} was not handed in: its checks count 0.",
        None,
    ),
    Kind(
        "a web page instead",
        form(".html", "<html></html>"),
        not_graded("1-counts.html is a web page. Ask for the notebook itself."),
        None,
    ),
    Kind(
        "a web page next to the notebook",
        lambda folder: (folder / "1-counts.html").write_text("<html></html>") and None,
    ),
    Kind(
        "a script instead",
        form(".py", "# In[1]:\nprint(1)"),
        not_graded("1-counts.py is a script. Ask for the notebook itself."),
        None,
    ),
]
SIZES = [
    Kind(
        "a notebook of 400 MB",
        sparse(NOTEBOOK, 400_000_000),
        not_graded(
            "it has 400 MB, more than 300. Ask for it without outputs, or raise c.SubmissionLimits.largest_notebook."
        ),
        None,
    ),
    Kind(
        "a data file of 200 MB next to the notebooks",
        sparse("data.csv", 200_000_000),
        "data.csv was left out: at most 500 files are copied, of 100 MB each and 100 MB in all. The settings are "
        "c.SubmissionLimits.most_files and c.CourseDirectory.max_file_size and max_dir_size.",
    ),
    Kind(
        "thousands of files",
        many,
        "data-0500.csv, data-0501.csv, data-0502.csv and 2497 more were left out: at most 500 files are copied, of 100 "
        "MB each and 100 MB in all. The settings are c.SubmissionLimits.most_files and c.CourseDirectory.max_file_size "
        "and max_dir_size.",
    ),
    Kind(
        "folders in folders in folders",
        deep,
        "more than 20000 files, or folders nested more than 20 deep: some were ignored.",
    ),
]
TIMES = [
    Kind("a timestamp that is not a time", stamped(b"yesterday, I think"), NO_TIME),
    Kind("a timestamp of strange bytes", stamped(b"\xff\xfe\x00\x80"), NO_TIME),
    Kind("an empty timestamp", stamped(b" "), NO_TIME),
    Kind("a timestamp of a day that never was", stamped(b"2024-02-30 25:61:00 UTC"), NO_TIME),
    Kind("a timestamp of 1 GB", sparse("timestamp.txt", 1_000_000_000), NO_TIME),
    Kind("a folder in the timestamp's place", stamped_folder, NO_TIME),
]
KINDS = [*LINKS, *NO_FILES, *NAMES, *FORMS, *SIZES, *TIMES]
