"""How-to questions about Python, each with a runnable program and the output that it really has.

The output is computed here by plain Python beside the program text; tests run the texts and compare.
"""

from collections import Counter
from datetime import date, timedelta
from itertools import groupby
from random import Random

from mammoth_spark.demo.exercises.computing import WORDS
from mammoth_spark.demo.exercises.exercise import NAMES, Exercise, distinct_wrong


def _exercise(rng: Random, topic: str, question: str, lines: list[str], output: object, why: str) -> Exercise:
    answer = str(output)
    code = "```python\n" + "\n".join(lines) + "\n```"
    solution = f"{why}\n\n{code}\n\nIt prints `{answer}`."
    wrong = [answer[::-1], answer + ", None", "None", f"[{answer}]", "TypeError"]
    return Exercise(topic, question, f"`{answer}`", solution, distinct_wrong(f"`{answer}`", [f"`{w}`" for w in wrong]))


def _task(rng: Random, what: str, given: str, tried: str) -> str:
    return rng.choice(
        [
            f"I have `{given}` and want to {what}. How can I do that in Python?",
            f"How do I {what} in Python when the input is `{given}`? I tried `{tried}`, but that is not it.",
            f"What is a short way to {what}? My data look like `{given}`.",
            f"Given `{given}`, my program should {what}. With `{tried}` I get nowhere; what would you write?",
        ]
    )


def count_words(rng: Random) -> Exercise:
    pool = rng.sample(WORDS, 4)
    words = [rng.choice(pool) for _ in range(rng.randint(6, 9))]
    counts = dict(sorted(Counter(words).items()))
    given = f'text = "{" ".join(words)}"'
    lines = [
        "from collections import Counter",
        "",
        given,
        "counts = Counter(text.split())",
        "print(dict(sorted(counts.items())))",
    ]
    return _exercise(
        rng,
        "counting words",
        _task(rng, "count how often each word occurs", given, "text.count()"),
        lines,
        counts,
        "A `Counter` over the words does it; sorting makes the order definite.",
    )


def flatten(rng: Random) -> Exercise:
    rows = [[rng.randint(1, 60) for _ in range(rng.randint(1, 4))] for _ in range(rng.randint(3, 4))]
    given = f"rows = {rows}"
    return _exercise(
        rng,
        "flattening lists",
        _task(rng, "get one flat list of all the numbers", given, "rows.flatten()"),
        [given, "flat = [number for row in rows for number in row]", "print(flat)"],
        [n for row in rows for n in row],
        "Use a comprehension with two loops, in the order in which you would nest them.",
    )


def sort_pairs(rng: Random) -> Exercise:
    people = rng.sample(NAMES, 4)
    ages = dict(zip(people, rng.sample(range(18, 90), 4), strict=True))
    given = f"ages = {ages}"
    return _exercise(
        rng,
        "sorting dictionaries",
        _task(rng, "list the names from the oldest to the youngest", given, "ages.sort()"),
        [given, "names = sorted(ages, key=ages.get, reverse=True)", "print(names)"],
        sorted(ages, key=lambda name: ages[name], reverse=True),
        "Sort the keys by their values: `ages.get` is the key function.",
    )


def rotate(rng: Random) -> Exercise:
    items, by = [rng.randint(1, 99) for _ in range(rng.randint(5, 7))], rng.randint(1, 4)
    given = f"items = {items}"
    return _exercise(
        rng,
        "rotating lists",
        _task(rng, f"rotate the list to the left by {by}", given, f"items << {by}"),
        [
            "def rotate(items, by):",
            "    by %= len(items)",
            "    return items[by:] + items[:by]",
            "",
            f"print(rotate({items}, {by}))",
        ],
        items[by:] + items[:by],
        "Cut the list at the place and put the parts together the other way round.",
    )


def days_between(rng: Random) -> Exercise:
    first = date(2001, 1, 1) + timedelta(days=rng.randint(0, 8000))
    second = first + timedelta(days=rng.randint(20, 2000))
    given = f'a, b = "{first}", "{second}"'
    return _exercise(
        rng,
        "dates",
        _task(rng, "find the number of days between two dates", given, "b - a"),
        [
            "from datetime import date",
            "",
            given,
            "print((date.fromisoformat(b) - date.fromisoformat(a)).days)",
        ],
        (second - first).days,
        "Texts cannot be subtracted, dates can; the difference has `days`.",
    )


def running_total(rng: Random) -> Exercise:
    amounts = [rng.randint(-30, 80) for _ in range(rng.randint(5, 7))]
    totals = [sum(amounts[: k + 1]) for k in range(len(amounts))]
    given = f"amounts = {amounts}"
    return _exercise(
        rng,
        "running totals",
        _task(rng, "compute the running totals", given, "sum(amounts)"),
        ["from itertools import accumulate", "", given, "print(list(accumulate(amounts)))"],
        totals,
        "`itertools.accumulate` yields each partial sum.",
    )


def group_by_letter(rng: Random) -> Exercise:
    words = sorted(rng.sample(NAMES, 6))
    groups = {key: list(group) for key, group in groupby(words, key=lambda word: word[0])}
    given = f"names = {words}"
    return _exercise(
        rng,
        "grouping",
        _task(rng, "group the names by their first letter", given, "names[0]"),
        [
            given,
            "groups = {}",
            "for name in names:",
            "    groups.setdefault(name[0], []).append(name)",
            "print(groups)",
        ],
        groups,
        "`setdefault` makes the list for a letter when the letter is new.",
    )


def memoised(rng: Random) -> Exercise:
    first, second, place, factor = (
        rng.randint(0, 5),
        rng.randint(1, 6),
        rng.randint(20, 40),
        rng.randint(1, 3),
    )
    values = [first, second]
    while len(values) <= place:
        values.append(values[-1] + factor * values[-2])
    lines = [
        "from functools import cache",
        "",
        "@cache",
        "def term(n):",
        "    if n < 2:",
        f"        return ({first}, {second})[n]",
        f"    return term(n - 1) + {factor} * term(n - 2)",
        "",
        f"print(term({place}))",
    ]
    question = rng.choice(
        [
            f"A sequence starts with {first}, {second}, and every later term is the one before plus "
            f"{factor} times the one before that. My recursive Python function for term number {place} "
            "(counting from 0) never ends. How can I make it fast?",
            f"My plain recursion for `a(n) = a(n-1) + {factor}*a(n-2)` with `a(0) = {first}` and `a(1) = "
            f"{second}` hangs at `a({place})`. What is the simplest repair?",
        ]
    )
    return _exercise(
        rng,
        "memoisation",
        question,
        lines,
        values[place],
        "The same terms are computed again and again; `functools.cache` remembers them.",
    )


def off_by_one(rng: Random) -> Exercise:
    low, high = rng.randint(2, 20), rng.randint(25, 90)
    divisor = rng.randint(2, 7)
    lines = [f"found = [n for n in range({low}, {high} + 1) if n % {divisor} == 0]", "print(len(found))"]
    question = rng.choice(
        [
            f"I count the multiples of {divisor} from {low} to {high} inclusive with `range({low}, {high})`, "
            "and sometimes one is missing. What is wrong, and how many are there?",
            f"Why does `[n for n in range({low}, {high}) if n % {divisor} == 0]` not look at {high}? I need "
            f"the number of multiples of {divisor} between {low} and {high}, both included.",
        ]
    )
    value = len([n for n in range(low, high + 1) if n % divisor == 0])
    return _exercise(
        rng,
        "ranges",
        question,
        lines,
        value,
        f"`range` stops before its second argument, so {high} is never tried. Write `{high} + 1`.",
    )


def shared_default(rng: Random) -> Exercise:
    first, second, third = rng.sample(range(1, 200), 3)
    function = rng.choice(["add", "collect", "push", "remember", "store", "note"])
    lines = [
        f"def {function}(item, items=None):",
        "    if items is None:",
        "        items = []",
        "    items.append(item)",
        "    return items",
        "",
        f"{function}({first})",
        f"{function}({second})",
        f"print({function}({third}))",
    ]
    question = rng.choice(
        [
            f"After `{function}({first})` and `{function}({second})` my function `def {function}(item, "
            f"items=[])`, which appends and returns, gives three elements for `{function}({third})`. Why, "
            "and how do I get a fresh list each time?",
            f"`def {function}(item, items=[])` seems to keep `{first}` and `{second}` from earlier calls "
            f"when I call it with `{third}`. How should it be written?",
        ]
    )
    return _exercise(
        rng,
        "default arguments",
        question,
        lines,
        [third],
        "The default list is made once, when the function is defined. Use `None` and make the list inside.",
    )


TEMPLATES = (
    count_words,
    flatten,
    sort_pairs,
    rotate,
    days_between,
    running_total,
    group_by_letter,
    memoised,
    off_by_one,
    shared_default,
)
