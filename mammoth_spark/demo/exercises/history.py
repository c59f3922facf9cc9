"""Exercises in history over invented chronicles; each question gives the dates that it needs."""

from random import Random

from mammoth_spark.demo.exercises.exercise import NAMES, Exercise, distinct_wrong, wrong_numbers

REALMS = (
    "Arvenia", "Belmora", "Castavia", "Dorland", "Estwick", "Farrowland", "Gaurania", "Hestmark", "Ildavia",
    "Jorvenna",
)  # fmt: skip
TOWNS = (
    "Marrowgate", "Tilsbury", "Oderfeld", "Ravensholm", "Lindenau", "Castelvar", "Brinmoor", "Stavenes",
    "Quellin",
)  # fmt: skip
ORDINALS = ("first", "second", "third", "fourth", "fifth")


def century(year: int) -> str:
    """The century of a year in words of the calendar: 1800 is in the 18th."""
    number = (year + 99) // 100
    teen = 10 < number % 100 < 20
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} century"


def reign(rng: Random) -> Exercise:
    realm, ruler = rng.choice(REALMS), rng.choice(NAMES)
    born = rng.randint(1050, 1800)
    crowned, years = born + rng.randint(12, 45), rng.randint(4, 40)
    died = crowned + years + rng.randint(0, 6)
    question = rng.choice(
        [
            f'The chronicle of {realm} reports: "{ruler} was born in {born}, was crowned in {crowned}, gave '
            "up "
            f'the throne in {crowned + years} and died in {died}." For how many years did {ruler} reign?',
            f"{ruler} of {realm}, born in {born}, ruled from the coronation in {crowned} until the "
            f"abdication in {crowned + years} and died in {died}. How long was the reign in years?",
        ]
    )
    solution = (
        f"The reign lasts from {crowned} to {crowned + years}, hence ${crowned + years} - {crowned} = "
        f"{years}$ years; birth and death do not matter."
    )
    wrong = [f"{n} years" for n in (died - crowned, died - born, crowned - born, years + 1, years - 1)]
    return Exercise("reigns", question, f"{years} years", solution, distinct_wrong(f"{years} years", wrong))


def treaty(rng: Random) -> Exercise:
    one, other = rng.sample(REALMS, 2)
    start = rng.randint(1210, 1890)
    length, peace = rng.randint(2, 30), rng.randint(5, 80)
    town = rng.choice(TOWNS)
    question = rng.choice(
        [
            f"War between {one} and {other} broke out in {start} and was ended {length} years later by the "
            f"Treaty of {town}. The peace held for {peace} years. In which year did the next war begin?",
            f"After {length} years of fighting, begun in {start}, {one} and {other} made peace at {town}. "
            f"They were at war again {peace} years after that treaty. When?",
        ]
    )
    end = start + length
    solution = (
        f"The treaty was signed in ${start} + {length} = {end}$, and the next war began in ${end} + {peace} "
        f"= {end + peace}$."
    )
    return Exercise(
        "wars and treaties",
        question,
        str(end + peace),
        solution,
        distinct_wrong(str(end + peace), [str(end), str(start + peace), str(end + peace + 10), str(end + peace - 1)]),
    )


def which_century(rng: Random) -> Exercise:
    start, span = rng.randint(980, 1850), rng.randint(15, 140)
    town = rng.choice(TOWNS)
    building = rng.choice(["cathedral", "town wall", "university", "harbour", "aqueduct", "guildhall", "bridge"])
    year = start + span
    question = rng.choice(
        [
            f"Work on the {building} of {town} began in {start} and took {span} years. In which century was "
            "it completed?",
            f"The {building} in {town} was finished {span} years after its first stone was laid in {start}. "
            "Name the century of its completion.",
        ]
    )
    solution = (
        f"It was completed in ${start} + {span} = {year}$. A century ends with the year divisible by 100, "
        f"so {year} belongs to the {century(year)}."
    )
    return Exercise(
        "centuries",
        question,
        century(year),
        solution,
        distinct_wrong(century(year), [century(year + d) for d in (-100, 100, 200)]),
    )


def order_of_events(rng: Random) -> Exercise:
    events = rng.sample(
        [
            "the great fire",
            "the plague",
            "the first printed book",
            "the opening of the mint",
            "the revolt of the weavers",
            "the siege",
            "the flood",
            "the founding of the school",
        ],
        4,
    )
    years = rng.sample(range(1300, 1800), 4)
    town = rng.choice(TOWNS)
    place = rng.randint(1, 2)
    order = sorted(zip(years, events, strict=True))
    answer = order[place][1]
    listed = "; ".join(f"{event} in {year}" for event, year in zip(events, years, strict=True))
    question = rng.choice(
        [
            f"A guide to {town} names these events: {listed}. Which of them came {ORDINALS[place]}?",
            f"For {town} the archive records {listed}. Put the events in order. Which one is the "
            f"{ORDINALS[place]} in time?",
        ]
    )
    solution = (
        "In order of time: "
        + ", ".join(f"{event} ({year})" for year, event in order)
        + f". The {ORDINALS[place]} is {answer}."
    )
    return Exercise("chronology", question, answer, solution, tuple(event for event in events if event != answer))


def founder_age(rng: Random) -> Exercise:
    name, town = rng.choice(NAMES), rng.choice(TOWNS)
    born, age, after = rng.randint(1100, 1850), rng.randint(19, 60), rng.randint(3, 200)
    year = born + age + after
    thing = rng.choice(
        ["printing house", "hospital", "observatory", "trading company", "school", "monastery", "academy"]
    )
    question = rng.choice(
        [
            f"In {year} the {thing} of {town} celebrated that it was {after} years old. Its founder {name} "
            f"was born in {born}. How old did {name} become in the year of the founding?",
            f"{name}, born in {born}, founded the {thing} in {town}, which existed for {after} years when it "
            f"was closed in {year}. Which birthday did the founder have in the founding year?",
        ]
    )
    solution = f"The founding was in ${year} - {after} = {born + age}$, and ${born + age} - {born} = {age}$."
    return Exercise("ages and foundings", question, str(age), solution, wrong_numbers(rng, age))


def before_our_era(rng: Random) -> Exercise:
    before, after = rng.randint(5, 480), rng.randint(5, 470)
    realm, ruler = rng.choice(REALMS), rng.choice(NAMES)
    value = before + after - 1
    event = rng.choice(["temple", "lighthouse", "road", "canal", "library"])
    question = rng.choice(
        [
            f"The {event} of {realm} was built in {before} BC and destroyed in AD {after}. How many years "
            "did it stand? (There was no year 0.)",
            f"Under {ruler} a {event} was opened in {realm} in {before} BC; it was given up in AD {after}. "
            "For how many years was it in use, given that 1 BC was followed directly by AD 1?",
        ]
    )
    solution = f"Without a year 0 the span is ${before} + {after} - 1 = {value}$ years."
    wrong = [f"{n} years" for n in (before + after, value - 1, abs(before - after) + 1, value + 10)]
    return Exercise(
        "years before and after Christ",
        question,
        f"{value} years",
        solution,
        distinct_wrong(f"{value} years", wrong),
    )


def population_census(rng: Random) -> Exercise:
    town, (one, two, three) = rng.choice(TOWNS), sorted(rng.sample(range(1500, 1900, 5), 3))
    people = [10 * rng.randint(100, 5000) for _ in range(3)]
    changes = [people[1] - people[0], people[2] - people[1]]
    bigger = 0 if abs(changes[0]) >= abs(changes[1]) else 1
    spans = [f"{one} to {two}", f"{two} to {three}"]
    question = (
        f"Tax registers of {town} count {people[0]} inhabitants in {one}, {people[1]} in {two} and "
        f"{people[2]} in {three}. In which of the two intervals did the number change more, and by how "
        "much?"
    )
    answer = f"{spans[bigger]}, by {abs(changes[bigger])}"
    solution = (
        f"The changes are ${people[1]} - {people[0]} = {changes[0]}$ and ${people[2]} - {people[1]} = "
        f"{changes[1]}$. The larger one in size is that from {answer}."
    )
    other = f"{spans[1 - bigger]}, by {abs(changes[1 - bigger])}"
    wrong = [
        other,
        f"{spans[bigger]}, by {abs(changes[0] + changes[1]) + 10}",
        f"{spans[1 - bigger]}, by {abs(changes[bigger])}",
    ]
    return Exercise(
        "reading sources",
        question,
        answer,
        solution,
        distinct_wrong(answer, [*wrong, f"{one} to {three}, by 10"]),
    )


TEMPLATES = (reign, treaty, which_century, order_of_events, founder_age, before_our_era, population_census)
