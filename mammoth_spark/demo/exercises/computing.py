"""Exercises in computing: what short Python programs print, growth of running time, number systems."""

from random import Random

from mammoth_spark.demo.exercises.exercise import NAMES, Exercise, distinct_wrong, nonzero, wrong_numbers


def _python(*lines: str) -> str:
    return "```python\n" + "\n".join(lines) + "\n```"


def loop_output(rng: Random) -> Exercise:
    start, stop, step, factor, shift = (
        rng.randint(0, 6),
        rng.randint(10, 40),
        rng.randint(2, 5),
        rng.randint(2, 7),
        rng.randint(-5, 5),
    )
    name = rng.choice(["total", "acc", "s", "result", "amount"])
    value = shift + sum(factor * k for k in range(start, stop, step))
    code = _python(
        f"{name} = {shift}",
        f"for k in range({start}, {stop}, {step}):",
        f"    {name} += {factor} * k",
        f"print({name})",
    )
    question = rng.choice(
        [
            f"What does this Python program print?\n\n{code}",
            f"{rng.choice(NAMES)} runs the following loop. Which number appears?\n\n{code}",
            f"State the output of the program without running it.\n\n{code}",
        ]
    )
    taken = list(range(start, stop, step))
    solution = (
        f"The loop visits the {len(taken)} values {', '.join(map(str, taken))}, whose sum is {sum(taken)}. "
        f"So the variable ends at ${shift} + {factor} \\cdot {sum(taken)} = {value}$."
    )
    return Exercise("loops", question, str(value), solution, wrong_numbers(rng, value))


GROWTHS = (
    (
        ("for i in range(n):", "    for j in range(i):", "        work({c})"),
        "O(n^2)",
        "the inner loop runs i times, and 0 + 1 + ... + (n - 1) grows like the square of n",
    ),
    (
        ("i = n", "while i > {c}:", "    i //= {d}"),
        "O(\\log n)",
        "each round divides i by a fixed number, so the number of rounds is a logarithm",
    ),
    (
        ("for i in range({c} * n):", "    work(i)"),
        "O(n)",
        "the loop runs a fixed multiple of n times, and constant factors do not count",
    ),
    (
        ("for i in range(n):", "    j = 1", "    while j < n:", "        j *= {d}"),
        "O(n \\log n)",
        "the outer loop runs n times and the inner one about log n times each",
    ),
    (
        ("for i in range({c}):", "    for j in range({d}):", "        work(n)"),
        "O(1)",
        "both loops run a fixed number of times, whatever n is",
    ),
    (
        (
            "for i in range(n):",
            "    for j in range(n):",
            "        for k in range({c} * n):",
            "            work(k)",
        ),
        "O(n^3)",
        "three nested loops each run in proportion to n",
    ),
)


def growth(rng: Random) -> Exercise:
    lines, order, reason = rng.choice(GROWTHS)
    c, d = rng.randint(2, 90), rng.randint(2, 9)
    function = rng.choice(["scan", "build", "check", "sweep", "probe", "visit", "merge_all", "walk", "fold"])
    code = _python(f"def {function}_{c}(n):", *("    " + line.format(c=c, d=d) for line in lines))
    question = rng.choice(
        [
            "Which order of growth does the running time of this function have, if `work` takes constant "
            f"time?\n\n{code}",
            f"Give the time complexity in big-O notation. A call of `work` counts as one step.\n\n{code}",
            f"How does the number of steps of `{function}_{c}` grow with its argument? Answer in big-O "
            f"notation.\n\n{code}",
        ]
    )
    answer = f"${order}$"
    orders = [f"${other}$" for _, other, _ in GROWTHS]
    rng.shuffle(orders)
    return Exercise(
        "running time",
        question,
        answer,
        f"Count the steps: {reason}. Hence the time is {answer}.",
        distinct_wrong(answer, orders),
    )


def binary_number(rng: Random) -> Exercise:
    number, base = rng.randint(20, 4000), rng.choice([2, 8, 16])
    written = {2: f"{number:b}", 8: f"{number:o}", 16: f"{number:X}"}[base]
    label = {2: "binary", 8: "octal", 16: "hexadecimal"}[base]
    if rng.random() < 0.5:
        question = rng.choice(
            [
                f"Convert the decimal number {number} to {label}.",
                f"How is {number} written in the {label} system?",
            ]
        )
        steps, rest = [], number
        while rest:
            steps.append(f"- {rest} divided by {base} is {rest // base}, remainder {rest % base}")
            rest //= base
        solution = (
            "Divide repeatedly and read the remainders from the last to the first:\n\n"
            + "\n".join(steps)
            + f"\n\nThis gives {written}."
        )
        others = (number + 1, number - 1, number * base, number + base, number ^ 6)
        wrong = [{2: f"{n:b}", 8: f"{n:o}", 16: f"{n:X}"}[base] for n in others]
        return Exercise("number systems", question, written, solution, distinct_wrong(written, wrong))
    question = rng.choice(
        [
            f"Which decimal number is {written} in {label}?",
            f"Convert the {label} number {written} to the decimal system.",
        ]
    )
    terms = " + ".join(f"{int(c, 16)} \\cdot {base}^{{{len(written) - 1 - i}}}" for i, c in enumerate(written))
    solution = f"Add the digits times their powers of {base}:\n\n$${terms} = {number}$$"
    return Exercise("number systems", question, str(number), solution, wrong_numbers(rng, number))


def recursion(rng: Random) -> Exercise:
    base, factor, shift, argument = (
        rng.randint(1, 6),
        rng.randint(2, 3),
        nonzero(rng, -4, 7),
        rng.randint(3, 6),
    )
    name = rng.choice(["f", "g", "step", "grow", "climb"])
    values = [base]
    for _ in range(argument):
        values.append(factor * values[-1] + shift)
    code = _python(
        f"def {name}(n):",
        "    if n == 0:",
        f"        return {base}",
        f"    return {factor} * {name}(n - 1) + ({shift})",
        "",
        f"print({name}({argument}))",
    )
    question = rng.choice(
        [
            f"Trace the recursive function by hand. What is printed?\n\n{code}",
            f"What value does the call in the last line return?\n\n{code}",
        ]
    )
    trace = "\n".join(f"- `{name}({n})` is {value}" for n, value in enumerate(values))
    return Exercise(
        "recursion",
        question,
        str(values[-1]),
        f"Work upwards from the base case:\n\n{trace}",
        wrong_numbers(rng, values[-1]),
    )


WORDS = (
    "harbour", "lantern", "velocity", "umbrella", "penguin", "notebook", "triangle", "molecule", "festival",
    "elephant", "keyboard", "mountain", "graphite", "calendar", "dolphin", "orchestra", "pyramid",
    "quantum", "satellite", "terrace", "workshop", "zeppelin", "algorithm", "biscuit", "compass",
)  # fmt: skip


def slicing(rng: Random) -> Exercise:
    word = rng.choice(WORDS)
    start, stop, step = rng.randint(0, 3), rng.randint(4, len(word)), rng.choice([1, 2, -1])
    text = (
        f"word[{start}:{stop}]" if step == 1 else f"word[{start}:{stop}:2]" if step == 2 else f"word[{stop}:{start}:-1]"
    )
    value = word[start:stop] if step == 1 else word[start:stop:2] if step == 2 else word[stop:start:-1]
    repeat = rng.randint(1, 3)
    code = _python(f'word = "{word}"', f"print({text} * {repeat})" if repeat > 1 else f"print({text})")
    question = rng.choice([f"What is the output?\n\n{code}", f"Which text does this slice select?\n\n{code}"])
    answer = value * repeat
    where = (
        f"from index {start} up to, but not including, {stop}"
        if step > 0
        else f"backwards from index {stop} down to, but not including, {start}"
    )
    every = ", every second one" if step == 2 else ""
    solution = f'Indices count from 0. The slice takes the letters of "{word}" {where}{every}: `{value}`.' + (
        f" Multiplying a text by {repeat} repeats it: `{answer}`." if repeat > 1 else ""
    )
    wrong = [
        word[start : stop - 1],
        word[start:stop] + "s",
        word[::-1],
        word[start + 1 : stop],
        word,
        word[:stop],
    ]
    return Exercise("slices", question, answer, solution, distinct_wrong(answer, wrong))


def binary_search(rng: Random) -> Exercise:
    size = rng.randint(50, 900000)
    value = size.bit_length()
    thing = rng.choice(["names", "account numbers", "words", "temperatures", "file sizes", "postcodes"])
    question = rng.choice(
        [
            f"A sorted list holds {size} {thing}. How many comparisons does binary search need at most to "
            "decide whether a given value is in it (one comparison an inspected element)?",
            f"At most how many elements does a binary search look at in a sorted array of {size} {thing}?",
        ]
    )
    solution = (
        "Each step halves the remaining list, so the number of steps is the smallest $k$ with $2^k > "
        f"{size}$. Since $2^{{{value - 1}}} = {2 ** (value - 1)} \\le {size} < 2^{{{value}}} = {2**value}$, "
        f"it is {value}."
    )
    return Exercise("binary search", question, str(value), solution, wrong_numbers(rng, value))


def bitwise(rng: Random) -> Exercise:
    a, b = rng.randint(10, 250), rng.randint(10, 250)
    sign, label = rng.choice([("&", "and"), ("|", "or"), ("^", "exclusive or")])
    value = {"&": a & b, "|": a | b, "^": a ^ b}[sign]
    question = rng.choice(
        [
            f"What is the value of `{a} {sign} {b}` in Python?",
            f"Compute the bitwise {label} of {a} and {b}, in decimal.",
        ]
    )
    solution = (
        f"In binary with eight digits:\n\n| number | bits |\n| --- | --- |\n| {a} | {a:08b} |\n| {b} | "
        f"{b:08b} |\n| {label} | {value:08b} |\n\nThe last row is {value}."
    )
    return Exercise("bitwise operators", question, str(value), solution, wrong_numbers(rng, value))


def stack_trace(rng: Random) -> Exercise:
    letters = rng.sample("ABCDEFGHJKLMNPQRSTUVWXYZ", 7)
    stack: list[str] = []
    steps: list[str] = []
    popped: list[str] = []
    for letter in letters:
        stack.append(letter)
        steps.append(f"push {letter}")
        if rng.random() < 0.45:
            popped.append(stack.pop())
            steps.append("pop")
    while len(popped) < 3:
        popped.append(stack.pop())
        steps.append("pop")
    answer = "".join(popped)
    kind = rng.choice(["An empty stack", "A stack that is empty at first"])
    question = f"{kind} receives the operations {', '.join(steps)}. In which order are letters removed?"
    solution = (
        f"A pop removes the letter that was pushed last. Following the operations gives {answer}; what "
        f"remains, from the bottom, is {''.join(stack) or 'nothing'}."
    )
    wrong = [answer[::-1], "".join(letters[: len(popped)]), "".join(stack) + "Y", answer[1:] + answer[0]]
    return Exercise("stacks", question, answer, solution, distinct_wrong(answer, [*wrong, "".join(letters)]))


TEMPLATES = (loop_output, growth, binary_number, recursion, slicing, binary_search, bitwise, stack_trace)
