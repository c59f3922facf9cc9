"""Exercises in biology: genetics, populations, ecology, the microscope."""

from fractions import Fraction
from random import Random

from mammoth_spark.demo.exercises.exercise import (
    NAMES,
    Exercise,
    decimal,
    distinct_wrong,
    frac,
    fraction_tex,
    math,
    wrong_numbers,
)

TRAITS = (
    ("pea plants", "purple flowers", "white flowers", "P"), ("mice", "black fur", "brown fur", "B"),
    ("guinea pigs", "short hair", "long hair", "H"), ("maize", "smooth kernels", "wrinkled kernels", "S"),
    ("cats", "a folded ear", "a straight ear", "F"), ("tomatoes", "red fruit", "yellow fruit", "R"),
    ("snails", "banded shells", "plain shells", "D"), ("barley", "tall stems", "dwarf stems", "T"),
)  # fmt: skip


def monohybrid(rng: Random) -> Exercise:
    kind, strong, weak, letter = rng.choice(TRAITS)
    small = letter.lower()
    parents = rng.choice(
        [
            (f"{letter}{small}", f"{letter}{small}", Fraction(3, 4)),
            (f"{letter}{small}", f"{small}{small}", Fraction(1, 2)),
            (f"{letter}{letter}", f"{letter}{small}", Fraction(1)),
        ]
    )
    share, offspring = parents[2], 4 * rng.randint(5, 150)
    value = int(share * offspring)
    question = rng.choice(
        [
            f"In {kind}, the allele for {strong} ({letter}) is dominant over that for {weak} ({small}). A "
            f"cross of {parents[0]} with {parents[1]} gives {offspring} offspring. How many of them are "
            f"expected to show {strong}?",
            f"{rng.choice(NAMES)} crosses {kind} of the genotypes {parents[0]} and {parents[1]}, where "
            f"{letter} stands for {strong} and is dominant, {small} for {weak}. Of {offspring} descendants, "
            f"how many should have {strong}?",
        ]
    )
    rows = f"|  | {parents[1][0]} | {parents[1][1]} |\n| --- | --- | --- |\n" + "\n".join(
        f"| {a} | " + " | ".join("".join(sorted((a, b))) for b in parents[1]) + " |" for a in parents[0]
    )
    solution = (
        f"The Punnett square is\n\n{rows}\n\nA fraction of ${fraction_tex(share)}$ carries at least one "
        f"{letter}, and ${fraction_tex(share)} \\cdot {offspring} = {value}$."
    )
    return Exercise("Punnett squares", question, str(value), solution, wrong_numbers(rng, value))


def dihybrid(rng: Random) -> Exercise:
    kind, strong, weak, letter = rng.choice(TRAITS)
    other = rng.choice([t for t in TRAITS if t[3] != letter])
    number = 16 * rng.randint(2, 90)
    want, share = rng.choice(
        [
            ("both dominant traits", 9),
            ("neither dominant trait", 1),
            (f"{strong} but not the other dominant trait", 3),
        ]
    )
    value = number * share // 16
    question = rng.choice(
        [
            f"Two {kind} are heterozygous for two unlinked genes, {letter}{letter.lower()} ({strong} "
            f"dominant over {weak}) and {other[3]}{other[3].lower()}. Among {number} offspring, how many "
            f"are expected with {want}?",
            f"Consider the cross {letter}{letter.lower()}{other[3]}{other[3].lower()} x "
            f"{letter}{letter.lower()}{other[3]}{other[3].lower()} in {kind} with independent assortment; "
            f"{letter} gives {strong}. How many of {number} young should show {want}?",
        ]
    )
    solution = (
        "The phenotypes stand in the ratio 9 : 3 : 3 : 1. The wanted class has the share "
        f"${frac(share, 16)}$, so the number is ${frac(share, 16)} \\cdot {number} = {value}$."
    )
    return Exercise("dihybrid crosses", question, str(value), solution, wrong_numbers(rng, value))


def hardy_weinberg(rng: Random) -> Exercise:
    q = Fraction(rng.randint(5, 95), 100)
    people = 10000 * rng.randint(1, 60)
    carriers = 2 * q * (1 - q) * people
    sick = q * q * people
    question = rng.choice(
        [
            f"In a population of {people} in Hardy-Weinberg equilibrium {decimal(sick, 0)} individuals show "
            "a recessive trait. How many are heterozygous carriers?",
            f"A recessive condition appears in {decimal(sick, 0)} of {people} members of a population at "
            "equilibrium. Estimate the number of heterozygotes.",
        ]
    )
    solution = (
        f"Here $q^2 = {frac(decimal(sick, 0), people)}$, so $q = {decimal(q)}$ and $p = {decimal(1 - q)}$. "
        f"The carriers are\n\n$$2pq \\cdot {people} = 2 \\cdot {decimal(1 - q)} \\cdot {decimal(q)} \\cdot "
        f"{people} = {decimal(carriers, 0)}$$"
    )
    return Exercise("population genetics", question, decimal(carriers, 0), solution, wrong_numbers(rng, carriers))


def transcription(rng: Random) -> Exercise:
    strand = "".join(rng.choice("ACGT") for _ in range(3 * rng.randint(4, 8)))
    rna = strand.translate(str.maketrans("ACGT", "UGCA"))
    question = rng.choice(
        [
            f"The template strand of a gene reads 3'-{strand}-5'. Write the messenger RNA that is "
            "transcribed from it, from 5' to 3'.",
            f"Which mRNA (5' to 3') results from the DNA template 3'-{strand}-5'?",
        ]
    )
    answer = f"5'-{rna}-3'"
    solution = (
        "Each base pairs with its complement, A with U, T with A, C with G and G with C. Reading the "
        f"template from its 3' end gives {answer}."
    )
    others = [rna.replace("U", "T"), strand.replace("T", "U"), rna[::-1], strand, rna[1:] + rna[0]]
    return Exercise("transcription", question, answer, solution, distinct_wrong(answer, [f"5'-{o}-3'" for o in others]))


def doubling(rng: Random) -> Exercise:
    start, minutes, rounds = rng.randint(3, 400), rng.choice([15, 20, 25, 30, 40, 45, 60]), rng.randint(3, 11)
    value = start * 2**rounds
    species = rng.choice(["yeast cells", "bacteria", "algae", "amoebae", "paramecia"])
    question = rng.choice(
        [
            f"A culture of {start} {species} doubles every {minutes} minutes. How many are there after "
            f"{minutes * rounds} minutes if nothing limits the growth?",
            f"Starting with {start} {species} that divide once in {minutes} minutes, how large is the "
            f"population after {minutes * rounds} minutes of unlimited growth?",
        ]
    )
    solution = (
        f"There are ${frac(minutes * rounds, minutes)} = {rounds}$ divisions, so\n\n$$N = {start} \\cdot "
        f"2^{{{rounds}}} = {value}$$"
    )
    return Exercise("exponential growth", question, str(value), solution, wrong_numbers(rng, value))


def food_chain(rng: Random) -> Exercise:
    chain = rng.choice(
        [
            ("grass", "grasshoppers", "frogs", "herons"),
            ("algae", "water fleas", "roach", "pike"),
            ("oak leaves", "caterpillars", "tits", "sparrowhawks"),
            ("clover", "voles", "weasels", "owls"),
        ]
    )
    level, energy = rng.choice([2, 3]), 100 * rng.randint(20, 900)
    percent = rng.choice([5, 8, 10, 12, 15])
    value = energy * Fraction(percent, 100) ** level
    question = rng.choice(
        [
            f"In the food chain {' - '.join(chain)} each level passes {percent} % of its energy to the "
            f"next. If the {chain[0]} store {energy} kJ, how much reaches the {chain[level]}? Round to two "
            "decimals.",
            f"{chain[0].capitalize()} fix {energy} kJ. With an ecological efficiency of {percent} % a step "
            f"in the chain {' - '.join(chain)}, which energy is available to the {chain[level]}, rounded to "
            "two decimals?",
        ]
    )
    solution = (
        f"From the {chain[0]} to the {chain[level]} there are {level} steps:\n\n$$E = {energy} \\cdot "
        f"{decimal(Fraction(percent, 100))}^{level} \\approx {decimal(value)}$$"
    )
    return Exercise(
        "energy in food chains", question, f"{decimal(value)} kJ", solution, wrong_numbers(rng, value, " kJ")
    )


def magnification(rng: Random) -> Exercise:
    actual, factor = rng.randint(2, 120), rng.choice([40, 100, 250, 400, 600, 1000, 1200])
    image = Fraction(actual * factor, 1000)
    cell = rng.choice(["a cheek cell", "a pollen grain", "a diatom", "an onion cell", "a red blood cell", "a spore"])
    question = rng.choice(
        [
            f"On a micrograph {cell} measures {decimal(image, 3)} mm at a magnification of {factor}. What is "
            "its real length in micrometres?",
            f"A drawing shows {cell} {factor} times as large as it is; on the paper it is "
            f"{decimal(image, 3)} mm long. Find the true size in µm.",
        ]
    )
    solution = (
        "The real size is the size of the image divided by the "
        f"magnification:\n\n$${frac(decimal(image, 3), factor)} \\, \\mathrm{{mm}} = "
        f"{decimal(image / factor, 6)} \\, \\mathrm{{mm}} = {actual} \\, \\mu \\mathrm{{m}}$$"
    )
    return Exercise("magnification", question, f"{actual} µm", solution, wrong_numbers(rng, actual, " µm"))


def carrier_cross(rng: Random) -> Exercise:
    children = rng.randint(2, 6)
    condition = rng.choice(["albinism", "cystic fibrosis", "phenylketonuria", "a recessive deafness", "galactosaemia"])
    mother, father = rng.sample(NAMES, 2)
    chance = Fraction(3, 4) ** children
    question = rng.choice(
        [
            f"{mother} and {father} both carry one recessive allele for {condition}. What is the probability "
            f"that none of their {children} children will have it?",
            f"Two healthy carriers of {condition}, {mother} and {father}, want {children} children. How "
            "likely is it that all of them are free of the condition?",
        ]
    )
    solution = (
        f"Each child is unaffected with probability ${frac(3, 4)}$, independently of the others. "
        f"Hence\n\n$$P = \\left({frac(3, 4)}\\right)^{children} = {fraction_tex(chance)}$$"
    )
    wrong = [
        math(1 - chance),
        math(Fraction(1, 4) ** children),
        math(Fraction(3, 4)),
        math(Fraction(1, 2) ** children),
    ]
    return Exercise(
        "inheritance of recessive traits",
        question,
        math(chance),
        solution,
        distinct_wrong(math(chance), wrong),
    )


TEMPLATES = (
    monohybrid,
    dihybrid,
    hardy_weinberg,
    transcription,
    doubling,
    food_chain,
    magnification,
    carrier_cross,
)
