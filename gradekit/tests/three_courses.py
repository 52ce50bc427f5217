"""Three courses as universities give them: statistics with a data file, numerical methods, and programming.

A question is an answer's cell, and the cells that check it. Each student answers all questions in one manner, and
what each check is worth for whom is left to plain nbgrader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from damaged.small_course import answer, check, metadata, write
from nbformat.v4 import new_code_cell, new_markdown_cell

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "{name}"\n'


@dataclass(frozen=True)
class Question:
    """Code that solves it, checks (visible, hidden) of one point each, and wrong answers."""

    id: str
    solution: str
    checks: tuple[tuple[str, str], ...]
    wrong: tuple[str, ...] = ()
    points: int = 1

    def cells(self) -> list:
        """The answer's cell, with all of the code as its solution, and the checks."""
        text = f"### BEGIN SOLUTION\n{_text(self.solution)}\n### END SOLUTION"
        cells = [new_code_cell(text, id=self.id, metadata=metadata(self.id, solution=True))]
        for number, (visible, hidden) in enumerate(self.checks):
            cells.append(check(f"{self.id}-{number}", self.points, _text(visible), _text(hidden)))
        return cells


@dataclass(frozen=True)
class UniversityCourse:
    """A course with one notebook: what it begins with, its questions, the files beside it, and other right answers."""

    name: str
    begins: str
    questions: tuple[Question, ...]
    files: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)

    def make(self, root: Path) -> None:
        """Write the source and the configuration of a plain nbgrader course."""
        cells = [new_markdown_cell(f"# {self.name.title()}"), new_code_cell(_text(self.begins))]
        cells += [cell for question in self.questions for cell in question.cells()]
        write(root / "source/hw1" / f"{self.name}.ipynb", [*cells, answer("discussion", 2)])
        for name, text in self.files.items():
            path = root / "source/hw1" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (root / "nbgrader_config.py").write_text(CONFIG.format(name=self.name))

    def students(self) -> dict[str, dict[str, str]]:
        """A student -> the text of each answer's cell that is not left as it was released."""
        right = {question.id: _text(question.solution) for question in self.questions}
        most = max(len(question.wrong) for question in self.questions)
        wrong = {
            f"wrong{number}": {q.id: _text(q.wrong[number % len(q.wrong)]) for q in self.questions if q.wrong}
            for number in range(most)
        }
        half = dict(list(right.items())[: len(right) // 2])
        return {
            "right": {**right, "discussion": "It holds for all of them, because the data are complete."},
            "other": {**right, **{name: _text(text) for name, text in self.other.items()}},
            "half": half,
            "blank": {},
            **{name: {**right, **answers} for name, answers in wrong.items()},
        }


def _text(code: str) -> str:
    return dedent(code).strip()


STATISTICS = UniversityCourse(
    "statistics",
    """
    import csv
    from pathlib import Path
    import matplotlib.pyplot as plt
    import numpy as np
    from numpy.testing import assert_allclose
    %matplotlib inline

    rain = np.genfromtxt("data/rain.csv", delimiter=",", names=True)
    """,
    (
        Question(
            "means",
            """
            def means(table):
                return {name: float(np.nanmean(table[name])) for name in table.dtype.names if name != "year"}
            """,
            (
                ("assert set(means(rain)) == {'jan', 'jun', 'dec'}", ""),
                ("assert_allclose(means(rain)['jan'], 51.5)", "assert_allclose(means(rain)['jun'], 70.0)"),
            ),
            (
                "def means(table):\n    return {name: float(np.mean(table[name])) for name in ('jan', 'jun', 'dec')}",
                "def means(table):\n    return {name: float(np.nanmedian(table[name])) for name in table.dtype.names}",
                "def means(table)\n    return {}",
            ),
        ),
        Question(
            "standardized",
            """
            def standardized(values):
                values = np.asarray(values, dtype=float)
                return (values - values.mean()) / values.std(ddof=1)
            """,
            (
                ("assert_allclose(standardized([1, 2, 3]), [-1, 0, 1])", ""),
                (
                    "assert np.isclose(np.std(standardized(rain['dec']), ddof=1), 1)",
                    "assert standardized([4, 4, 10]).dtype == float",
                ),
            ),
            (
                "def standardized(values):\n    return (values - np.mean(values)) / np.std(values)",
                "standardized = lambda values: (np.array(values) - np.mean(values)) / np.std(values, ddof=1) + 1e-3",
            ),
        ),
        Question(
            "plotted",
            """
            fig, ax = plt.subplots()
            ax.plot(rain["year"], rain["jan"], "o-", label="January")
            ax.set_xlabel("year")
            ax.set_ylabel("rain in mm")
            ax.legend()
            plt.show()
            """,
            (
                ("(line,) = ax.get_lines()\nassert_allclose(line.get_xydata()[:, 0], rain['year'])", ""),
                ("assert 'mm' in ax.get_ylabel()", "assert ax.get_legend() is not None"),
            ),
            (
                "plt.plot(rain['jan'])\nax = plt.gca()\nax.set_ylabel('mm')\nax.legend(['January'])",
                "fig, ax = plt.subplots()\nax.plot(rain['year'], rain['june'])",
                "",
            ),
        ),
        Question(
            "bootstrap",
            """
            def bootstrap(values, times, seed):
                rng = np.random.default_rng(seed)
                return np.array([rng.choice(values, len(values)).mean() for _ in range(times)])
            """,
            (
                ("assert bootstrap(rain['dec'], 5, 0).shape == (5,)", ""),
                (
                    "assert_allclose(bootstrap([1., 2.], 40, 3), bootstrap([1., 2.], 40, 3))",
                    "assert abs(bootstrap(rain['dec'], 4000, 1).mean() - rain['dec'].mean()) < 1",
                ),
            ),
            (
                "def bootstrap(values, times, seed):\n    return np.random.choice(values, (times, 4)).mean(-1)",
                "def bootstrap(values, times, seed):\n    return [np.mean(values)] * times",
            ),
        ),
        Question(
            "written",
            """
            with open("summary.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["month", "mean"])
                for month, mean in means(rain).items():
                    writer.writerow([month, f"{mean:.1f}"])
            """,
            (
                ("rows = list(csv.reader(open('summary.csv')))\nassert rows[0] == ['month', 'mean']", ""),
                ("assert dict(rows[1:])['jun'] == '70.0'", "assert Path('summary.csv').stat().st_size < 100"),
            ),
            (
                "open('summary.csv', 'w').write('month,mean\\n')",
                "Path('out').mkdir(exist_ok=True)\nPath('out/summary.csv').write_text('month,mean')",
            ),
        ),
    ),
    {"data/rain.csv": "year,jan,jun,dec\n2001,50,70,61\n2002,53,,58\n2003,47,65,66\n2004,56,75,55\n"},
    {
        "means": """
        import warnings
        print("months:", rain.dtype.names)
        def means(table):
            found = {}
            for name in ["jan", "jun", "dec"]:
                kept = [value for value in table[name] if value == value]
                found[name] = sum(kept) / len(kept)
            return found
        means(rain)
        """,
        "plotted": """
        plt.figure(figsize=(6, 3))
        ax = plt.axes()
        ax.plot(rain["year"], rain["jan"], color="k", label="jan")
        ax.set(xlabel="Year", ylabel="mm of rain")
        ax.legend(loc="best");
        """,
    },
)

METHODS = UniversityCourse(
    "methods",
    """
    import numpy as np
    from scipy import integrate, linalg, optimize
    from tools import Counted
    """,
    (
        Question(
            "newton",
            """
            def newton(f, df, x, tolerance=1e-10, most=50):
                for _ in range(most):
                    step = f(x) / df(x)
                    x = x - step
                    if abs(step) < tolerance:
                        return x
                raise ValueError(f"no root found in {most} steps")
            """,
            (
                ("assert abs(newton(lambda x: x * x - 2, lambda x: 2 * x, 1) - 2 ** .5) < 1e-9", ""),
                (
                    """
                    f = Counted(np.cos)
                    root = newton(f, lambda x: -np.sin(x), 1.0)
                    assert np.isclose(root, optimize.brentq(np.cos, 1, 2))
                    """,
                    "assert f.calls <= 8, f'{f.calls} calls of f'",
                ),
                (
                    """
                    try:
                        newton(lambda x: x * x + 1, lambda x: 2 * x, 0.5)
                    except ValueError as error:
                        assert "no root" in str(error)
                    else:
                        raise AssertionError("a ValueError is expected where there is no root")
                    """,
                    "",
                ),
            ),
            (
                """
                def newton(f, df, x, tolerance=1e-10, most=50):
                    while abs(f(x)) > tolerance and most:
                        x, most = x - f(x) / df(x), most - 1
                    return x
                """,
                "def newton(f, df, x):\n    return optimize.bisect(f, x - 1, x + 1)",
                "def newton(f, df, x):\n    return newton(f, df, x - f(x) / df(x))",
            ),
        ),
        Question(
            "simpson",
            """
            def simpson(f, a, b, n):
                if n % 2:
                    raise ValueError("n must be even")
                x = np.linspace(a, b, n + 1)
                weights = np.ones(n + 1)
                weights[1:-1:2], weights[2:-1:2] = 4, 2
                return (b - a) / n / 3 * weights @ f(x)
            """,
            (
                ("assert np.isclose(simpson(lambda x: x ** 3, 0, 2, 2), 4)", ""),
                (
                    "exact, _ = integrate.quad(np.exp, 0, 1)\nassert abs(simpson(np.exp, 0, 1, 20) - exact) < 1e-6",
                    "errors = [abs(simpson(np.exp, 0, 1, n) - exact) for n in (8, 16)]\n"
                    "assert 14 < errors[0] / errors[1] < 18",
                ),
            ),
            (
                """
                def simpson(f, a, b, n):
                    x = np.linspace(a, b, n + 1)
                    return np.trapezoid(f(x), x)
                """,
                "def simpson(f, a, b, n):\n    return integrate.quad(f, a, b)[0]",
                "def simpson(f, a, b, n):\n    x = np.linspace(a, b, n)\n    return integrate.simpson(f(x), x=x)",
            ),
        ),
        Question(
            "euler",
            """
            def euler(f, y0, t):
                y = np.empty((len(t), len(np.atleast_1d(y0))))
                y[0] = y0
                for k in range(len(t) - 1):
                    y[k + 1] = y[k] + (t[k + 1] - t[k]) * np.asarray(f(t[k], y[k]))
                return y
            """,
            (
                ("t = np.linspace(0, 1, 11)\nassert euler(lambda t, y: y, 1, t).shape == (11, 1)", ""),
                (
                    "t = np.linspace(0, 1, 11)\nassert np.isclose(euler(lambda t, y: y, 1, t)[-1, 0], 1.1 ** 10)",
                    """
                    spin = lambda t, y: np.array([y[1], -y[0]])
                    t = np.linspace(0, 1, 4001)
                    exact = integrate.solve_ivp(spin, (0, 1), [1, 0], rtol=1e-9, atol=1e-9).y[:, -1]
                    assert np.allclose(euler(spin, [1, 0], t)[-1], exact, atol=1e-3)
                    """,
                ),
            ),
            (
                "def euler(f, y0, t):\n    y = [y0]\n    for k in range(len(t)):\n"
                "        y.append(y[-1] + t[k + 1] - t[k] * f(t[k], y[-1]))\n    return np.array(y)",
                "def euler(f, y0, t):\n    return np.ones((len(t), 1)) * 1.1 ** 10",
            ),
        ),
        Question(
            "elimination",
            """
            def solve(a, b):
                a, b = np.array(a, float), np.array(b, float)
                n = len(b)
                for k in range(n):
                    pivot = k + np.argmax(abs(a[k:, k]))
                    a[[k, pivot]], b[[k, pivot]] = a[[pivot, k]], b[[pivot, k]]
                    for row in range(k + 1, n):
                        factor = a[row, k] / a[k, k]
                        a[row] -= factor * a[k]
                        b[row] -= factor * b[k]
                x = np.zeros(n)
                for k in reversed(range(n)):
                    x[k] = (b[k] - a[k, k + 1:] @ x[k + 1:]) / a[k, k]
                return x
            """,
            (
                ("assert np.allclose(solve([[2, 0], [0, 4]], [2, 2]), [1, .5])", ""),
                (
                    "a, b = np.array([[0., 1.], [1., 1.]]), np.array([1., 3.])\nassert np.allclose(a @ solve(a, b), b)",
                    """
                    assert a[0, 0] == 0, "the argument was changed"
                    h = linalg.hilbert(5)
                    assert np.allclose(h @ solve(h, np.ones(5)), 1)
                    """,
                ),
            ),
            (
                """
                def solve(a, b):
                    for k in range(len(b)):
                        b[k] /= a[k][k]
                        a[k] = [value / a[k][k] for value in a[k]]
                    return b
                """,
                "solve = np.linalg.solve",
                "def solve(a, b):\n    return linalg.inv(a) * b",
            ),
            points=2,
        ),
    ),
    {
        "tools.py": "class Counted:\n    def __init__(self, f):\n        self.f, self.calls = f, 0\n\n"
        "    def __call__(self, *arguments):\n        self.calls += 1\n        return self.f(*arguments)\n"
    },
    {
        "simpson": """
        %%time
        from functools import partial
        def simpson(f, a, b, n):
            assert n % 2 == 0
            h, total = (b - a) / n, 0
            for k in range(0, n, 2):
                total += f(a + k * h) + 4 * f(a + (k + 1) * h) + f(a + (k + 2) * h)
            return h / 3 * total
        """,
        "euler": """
        def euler(f, y0, t):
            ys = [np.atleast_1d(np.asarray(y0, float))]
            for now, then in zip(t[:-1], t[1:]):
                ys.append(ys[-1] + (then - now) * np.asarray(f(now, ys[-1])))
            return np.stack(ys)
        """,
    },
)

PROGRAMMING = UniversityCourse(
    "programming",
    """
    import ast, contextlib, doctest, inspect, io, unittest
    from collections import Counter
    """,
    (
        Question(
            "words",
            """
            def words(path):
                with open(path, encoding="utf-8") as file:
                    return Counter(word.strip(".,;").lower() for word in file.read().split())
            """,
            (
                ("assert words('poem.txt')['rain'] == 3", ""),
                ("assert words('poem.txt').most_common(1)[0] == ('the', 4)", "assert words('poem.txt')['über'] == 1"),
            ),
            (
                "def words(path):\n    return Counter(open(path).read().split())",
                "def words(path):\n    return Counter({'rain': 3, 'the': 4})",
            ),
        ),
        Question(
            "account",
            '''
            class Account:
                """A bank account.

                >>> account = Account(10)
                >>> account.withdraw(3)
                >>> account.balance
                7
                """

                def __init__(self, balance=0):
                    self.balance = balance

                def deposit(self, amount):
                    self.balance += amount

                def withdraw(self, amount):
                    if amount > self.balance:
                        raise ValueError("not enough money")
                    self.balance -= amount

                def __repr__(self):
                    return f"Account({self.balance})"
            ''',
            (
                (
                    """
                    class TestAccount(unittest.TestCase):
                        def test_deposit(self):
                            account = Account()
                            account.deposit(5)
                            self.assertEqual(account.balance, 5)

                        def test_overdrawn(self):
                            with self.assertRaises(ValueError):
                                Account(1).withdraw(2)

                    suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestAccount)
                    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
                    assert result.wasSuccessful()
                    """,
                    "",
                ),
                (
                    "assert repr(Account(2)) == 'Account(2)'",
                    """
                    names = {"Account": Account}
                    test = doctest.DocTestParser().get_doctest(Account.__doc__, names, "Account", None, 0)
                    runner = doctest.DocTestRunner(verbose=False)
                    assert runner.run(test, out=io.StringIO().write).failed == 0
                    assert runner.tries >= 3
                    """,
                ),
            ),
            (
                "class Account:\n    balance = 0\n    def deposit(self, amount):\n        balance += amount",
                '''
                class Account:
                    """
                    >>> Account(10).balance
                    11
                    """
                    def __init__(self, balance=0): self.balance = balance
                    def deposit(self, amount): self.balance = self.balance + amount
                    def withdraw(self, amount): self.balance = self.balance - amount
                    def __repr__(self): return "Account(%d)" % self.balance
                ''',
            ),
        ),
        Question(
            "recursion",
            """
            def flatten(items):
                if not isinstance(items, list):
                    return [items]
                if not items:
                    return []
                return flatten(items[0]) + flatten(items[1:])
            """,
            (
                ("assert flatten([1, [2, [3, []]], 4]) == [1, 2, 3, 4]", ""),
                (
                    """
                    tree = ast.parse(inspect.getsource(flatten))
                    loops = [node for node in ast.walk(tree) if isinstance(node, (ast.For, ast.While))]
                    assert not loops, "flatten should call itself, and use no loop"
                    """,
                    "assert 'flatten(' in inspect.getsource(flatten).split('\\n', 1)[1]",
                ),
            ),
            (
                """
                def flatten(items):
                    found = []
                    for item in items:
                        found += flatten(item) if isinstance(item, list) else [item]
                    return found
                """,
                "def flatten(items):\n    return flatten(items)",
                "flatten = lambda items: sum(map(flatten, items), []) if isinstance(items, list) else [items]",
            ),
        ),
        Question(
            "table",
            """
            def table(n):
                for row in range(1, n + 1):
                    print(*(f"{row * column:3}" for column in range(1, n + 1)))
            """,
            (
                (
                    """
                    with contextlib.redirect_stdout(io.StringIO()) as out:
                        table(2)
                    assert out.getvalue().split() == ["1", "2", "2", "4"]
                    """,
                    "",
                ),
                ("assert table(1) is None", "assert len(out.getvalue().splitlines()) == 2"),
            ),
            (
                "def table(n):\n    return [[row * column for row in range(n)] for column in range(n)]",
                "def table(n):\n    for row in range(n):\n        print(row, end=' ')",
            ),
        ),
        Question(
            "primes",
            """
            def primes():
                found, n = [], 2
                while True:
                    if all(n % p for p in found):
                        found.append(n)
                        yield n
                    n += 1
            """,
            (
                (
                    """
                    from itertools import islice
                    first = list(islice(primes(), 10))
                    sum(a == b for a, b in zip(first, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29])) / 10 * 2
                    """,
                    "",
                ),
            ),
            (
                "def primes():\n    yield from range(2, 1000)",
                "def primes():\n    return [2, 3, 5, 7, 9, 11, 13, 15, 17, 19]",
                "def primes():\n    yield 2\n    raise RuntimeError('out of primes')",
            ),
            points=2,
        ),
    ),
    {"poem.txt": "The rain, the rain;\nthe wind. Über the\nrain.\n"},
    {
        "recursion": """
        def flatten(items):
            '''A flat list.'''
            return [items] if not isinstance(items, list) else [] if items == [] else \\
                flatten(items[0]) + flatten(items[1:])
        flatten([[1], 2])
        """,
        "primes": """
        import itertools
        def primes():
            for n in itertools.count(2):
                if not [d for d in range(2, int(n ** 0.5) + 1) if n % d == 0]: yield n
        """,
    },
)

COURSES = (STATISTICS, METHODS, PROGRAMMING)
