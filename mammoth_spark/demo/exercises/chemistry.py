"""Exercises in chemistry, with the molar masses that each question states."""

from fractions import Fraction
from random import Random

from mammoth_spark.demo.exercises.exercise import (
    NAMES,
    Exercise,
    decimal,
    distinct_wrong,
    frac,
    times,
    wrong_numbers,
)

MASSES = {
    "H": Fraction(1008, 1000),
    "C": Fraction(12011, 1000),
    "N": Fraction(14007, 1000),
    "O": Fraction(15999, 1000),
    "Na": Fraction(2299, 100),
    "S": Fraction(3206, 100),
    "Cl": Fraction(3545, 100),
    "K": Fraction(3910, 100),
    "Ca": Fraction(4008, 100),
    "Fe": Fraction(55845, 1000),
    "Mg": Fraction(24305, 1000),
}

COMPOUNDS: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = (
    ("water", (("H", 2), ("O", 1))),
    ("carbon dioxide", (("C", 1), ("O", 2))),
    ("sodium chloride", (("Na", 1), ("Cl", 1))),
    ("calcium carbonate", (("Ca", 1), ("C", 1), ("O", 3))),
    ("glucose", (("C", 6), ("H", 12), ("O", 6))),
    ("ammonia", (("N", 1), ("H", 3))),
    ("sulfuric acid", (("H", 2), ("S", 1), ("O", 4))),
    ("potassium nitrate", (("K", 1), ("N", 1), ("O", 3))),
    ("iron(III) oxide", (("Fe", 2), ("O", 3))),
    ("magnesium oxide", (("Mg", 1), ("O", 1))),
    ("ethanol", (("C", 2), ("H", 6), ("O", 1))),
    ("methane", (("C", 1), ("H", 4))),
    ("sodium hydroxide", (("Na", 1), ("O", 1), ("H", 1))),
)


def formula(parts: tuple[tuple[str, int], ...]) -> str:
    """A chemical formula in TeX."""
    return "".join(
        rf"\mathrm{{{symbol}}}" + (f"_{{{count}}}" if count > 9 else f"_{count}" if count > 1 else "")
        for symbol, count in parts
    )


def molar_mass(parts: tuple[tuple[str, int], ...]) -> Fraction:
    """Grams in a mole."""
    return sum((MASSES[symbol] * count for symbol, count in parts), Fraction(0))


def _stated(parts: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{symbol} {decimal(MASSES[symbol], 3)}" for symbol, _ in parts)


def moles(rng: Random) -> Exercise:
    name, parts = rng.choice(COMPOUNDS)
    mass = Fraction(rng.randint(20, 9000), 10)
    value = mass / molar_mass(parts)
    question = rng.choice(
        [
            f"How many moles are contained in {decimal(mass)} g of {name}, ${formula(parts)}$? Molar masses "
            f"in g/mol: {_stated(parts)}. Round to three decimals.",
            f"{rng.choice(NAMES)} weighs out {decimal(mass)} g of {name} (${formula(parts)}$). Which amount "
            f"of substance is that, in mol with three decimals? (g/mol: {_stated(parts)})",
        ]
    )
    answer = f"{decimal(value, 3)} mol"
    solution = (
        f"The molar mass is $M = {decimal(molar_mass(parts), 3)} \\, \\mathrm{{g}}/\\mathrm{{mol}}$, "
        f"so\n\n$$n = {frac('m', 'M')} = {frac(decimal(mass), decimal(molar_mass(parts), 3))} \\approx "
        f"{decimal(value, 3)}$$"
    )
    return Exercise("amount of substance", question, answer, solution, wrong_numbers(rng, value, " mol", 3))


def mass_percent(rng: Random) -> Exercise:
    name, parts = rng.choice(COMPOUNDS)
    symbol, count = rng.choice(parts)
    share = 100 * MASSES[symbol] * count / molar_mass(parts)
    sample = rng.randint(5, 950)
    value = share * sample / 100
    question = rng.choice(
        [
            f"What mass of the element {symbol} is contained in {sample} g of pure {name}, "
            f"${formula(parts)}$? Use {_stated(parts)} (g/mol) and round to two decimals.",
            f"A sample consists of {sample} g of {name} (${formula(parts)}$). How many grams of it are "
            f"{symbol}? Molar masses: {_stated(parts)} g/mol; two decimals.",
        ]
    )
    solution = (
        "The mass fraction is\n\n$$w = "
        f"{frac(decimal(MASSES[symbol] * count, 3), decimal(molar_mass(parts), 3))} \\approx "
        f"{decimal(share / 100, 4)}$$\n\nand {sample} g times this fraction is {decimal(value)} g."
    )
    return Exercise("mass fractions", question, f"{decimal(value)} g", solution, wrong_numbers(rng, value, " g"))


FUELS: tuple[tuple[str, int, int], ...] = (
    ("methane", 1, 4),
    ("propane", 3, 8),
    ("butane", 4, 10),
    ("pentane", 5, 12),
    ("ethane", 2, 6),
    ("hexane", 6, 14),
    ("octane", 8, 18),
)


def combustion(rng: Random) -> Exercise:
    name, carbon, hydrogen = rng.choice(FUELS)
    mass = rng.randint(3, 900)
    fuel = (("C", carbon), ("H", hydrogen))
    value = mass / molar_mass(fuel) * carbon * molar_mass((("C", 1), ("O", 2)))
    question = rng.choice(
        [
            f"{mass} g of {name} (${formula(fuel)}$) burn completely. What mass of carbon dioxide is formed? "
            "Take C 12.011, H 1.008, O 15.999 g/mol and round to two decimals.",
            f"How many grams of $\\mathrm{{CO}}_2$ does the complete combustion of {mass} g of {name}, "
            f"${formula(fuel)}$, give? (C 12.011, H 1.008, O 15.999 g/mol; two decimals)",
        ]
    )
    scale = 1 if hydrogen % 4 == 0 else 2
    oxygen = scale * (4 * carbon + hydrogen) // 4
    front = "" if scale == 1 else "2"
    carbon_front = "" if scale * carbon == 1 else scale * carbon
    solution = (
        f"The balanced reaction is\n\n$${front}{formula(fuel)} + {oxygen}\\mathrm{{O}}_2 \\rightarrow "
        f"{carbon_front}\\mathrm{{CO}}_2 + {scale * hydrogen // 2}\\mathrm{{H}}_2\\mathrm{{O}}$$\n\nEach "
        f"mole of {name} ({decimal(molar_mass(fuel), 3)} g) yields {carbon} mol of carbon dioxide (44.009 "
        f"g/mol), so\n\n$$m = {frac(mass, decimal(molar_mass(fuel), 3))} \\cdot {carbon} \\cdot 44.009 "
        f"\\approx {decimal(value)}$$"
    )
    return Exercise("stoichiometry", question, f"{decimal(value)} g", solution, wrong_numbers(rng, value, " g"))


def dilution(rng: Random) -> Exercise:
    strong, volume = Fraction(rng.randint(5, 60), 5), 5 * rng.randint(1, 50)
    weak = Fraction(rng.randint(1, 9), 10)
    value = strong * volume / weak
    solute = rng.choice(["hydrochloric acid", "sodium hydroxide", "copper sulfate", "nitric acid", "sugar"])
    question = rng.choice(
        [
            f"To what volume must {volume} mL of {solute} with {decimal(strong)} mol/L be filled up so that "
            f"the concentration becomes {decimal(weak)} mol/L? Round to two decimals.",
            f"{rng.choice(NAMES)} has {volume} mL of {decimal(strong)} mol/L {solute} and needs "
            f"{decimal(weak)} mol/L. What is the final volume after adding water, in mL with two decimals?",
        ]
    )
    solution = (
        "The amount of substance stays the same, $c_1 V_1 = c_2 V_2$. Hence\n\n$$V_2 = "
        f"{frac(times(decimal(strong), volume), decimal(weak))} \\approx {decimal(value)}$$"
    )
    return Exercise("dilution", question, f"{decimal(value)} mL", solution, wrong_numbers(rng, value, " mL"))


def gas_volume(rng: Random) -> Exercise:
    gas = rng.choice(["hydrogen", "oxygen", "nitrogen", "helium", "neon", "methane"])
    amount = Fraction(rng.randint(5, 900), 100)
    temperature, bar = rng.randint(250, 420), rng.choice([90, 95, 100, 101, 105, 120, 150])
    value = amount * Fraction(8314, 1000) * temperature / bar
    question = rng.choice(
        [
            f"Which volume do {decimal(amount)} mol of {gas} fill at {temperature} K and {bar} kPa if the "
            f"gas is ideal? Use $R = 8.314 \\, \\mathrm{{J}}/(\\mathrm{{mol}} \\, \\mathrm{{K}})$ and give "
            "litres with two decimals.",
            f"A flexible bag holds {decimal(amount)} mol of {gas}. What is its volume in litres (two "
            f"decimals) at {bar} kPa and {temperature} K, taking the gas as ideal with $R = 8.314$ in SI "
            "units?",
        ]
    )
    solution = (
        "From $p V = n R T$ with the pressure in kPa the volume comes in litres:\n\n$$V = "
        f"{frac('n R T', 'p')} = {frac(times(decimal(amount), 8.314, temperature), bar)} \\approx "
        f"{decimal(value)}$$"
    )
    return Exercise("ideal gases", question, f"{decimal(value)} L", solution, wrong_numbers(rng, value, " L"))


def strong_acid(rng: Random) -> Exercise:
    power, litres = rng.randint(1, 4), Fraction(rng.randint(1, 80), 4)
    acid = rng.choice(["hydrochloric acid", "nitric acid", "perchloric acid", "hydrobromic acid"])
    amount = litres / 10**power
    question = rng.choice(
        [
            f"{decimal(amount, 6)} mol of {acid}, a strong acid, are dissolved in water to make "
            f"{decimal(litres)} L of solution. What is the pH?",
            f"Find the pH of a solution of {decimal(litres)} L that contains {decimal(amount, 6)} mol of "
            f"fully dissociated {acid}.",
        ]
    )
    solution = (
        f"The concentration is ${frac(decimal(amount, 6), decimal(litres))} = 10^{{-{power}}}$ mol/L. "
        f"Therefore\n\n$$\\mathrm{{pH}} = -\\log_{{10}} 10^{{-{power}}} = {power}$$"
    )
    return Exercise("pH of strong acids", question, str(power), solution, wrong_numbers(rng, power))


def formula_from_percent(rng: Random) -> Exercise:
    name, parts = rng.choice([(n, p) for n, p in COMPOUNDS if n != "glucose"])
    mass = rng.randint(20, 900)
    total = molar_mass(parts)
    shares = ", ".join(f"{decimal(mass * MASSES[s] * c / total, 2)} g of {s}" for s, c in parts)
    question = rng.choice(
        [
            f"The analysis of {mass} g of a compound finds {shares}. What is its empirical formula? (Molar "
            f"masses: {_stated(parts)} g/mol)",
            f"{rng.choice(NAMES)} decomposes {mass} g of an unknown substance into {shares}. Give the "
            f"empirical formula, using {_stated(parts)} g/mol.",
        ]
    )
    lines = "\n".join(
        f"- {s}: ${frac(decimal(mass * MASSES[s] * c / total, 2), decimal(MASSES[s], 3))} \\approx "
        f"{decimal(mass * c / total, 3)}$ mol"
        for s, c in parts
    )
    ratio = " : ".join(str(c) for _, c in parts)
    answer = f"${formula(parts)}$"
    solution = (
        f"Divide each mass by the molar mass:\n\n{lines}\n\nThe amounts are as {ratio}, so the formula is "
        f"{answer}, that of {name}."
    )
    wrong = [f"${formula(tuple((s, c + (i == k)) for i, (s, c) in enumerate(parts)))}$" for k in range(len(parts))]
    wrong += [
        f"${formula(tuple((s, c + 1) for s, c in parts))}$",
        f"${formula(tuple((s, c + 2) for s, c in parts))}$",
    ]
    return Exercise("empirical formulas", question, answer, solution, distinct_wrong(answer, wrong))


TEMPLATES = (moles, mass_percent, combustion, dilution, gas_volume, strong_acid, formula_from_percent)
