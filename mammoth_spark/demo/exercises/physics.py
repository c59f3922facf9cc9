"""Exercises in physics. Values are chosen so that the stated rounding is the only one."""

from fractions import Fraction
from random import Random

from mammoth_spark.demo.exercises.exercise import NAMES, Exercise, decimal, frac, times, wrong_numbers


def _result(rng: Random, topic: str, question: str, steps: str, value: Fraction | int, unit: str) -> Exercise:
    answer = f"{decimal(value)} {unit}"
    solution = f"{steps}\n\nThe result is {answer}."
    return Exercise(topic, question, answer, solution, wrong_numbers(rng, value, f" {unit}"))


def braking(rng: Random) -> Exercise:
    speed, slowing = rng.randint(8, 45), Fraction(rng.randint(20, 90), 10)
    value = Fraction(speed * speed) / (2 * slowing)
    thing = rng.choice(["A car", "A tram", "A cyclist", "A lorry", "A motorcycle", "A goods train"])
    question = rng.choice(
        [
            f"{thing} moving at {speed} m/s brakes with a constant deceleration of {decimal(slowing)} m/s². "
            "How far does it travel before it stops? Round to two decimals.",
            f"With what distance must one reckon when {thing.lower()} at {speed} m/s slows down by "
            f"{decimal(slowing)} m/s in every second until it stands still? Round to two decimals.",
        ]
    )
    steps = (
        f"From $v^2 = 2 a s$ follows\n\n$$s = {frac('v^2', '2a')} = "
        f"{frac(f'{speed}^2', times(2, decimal(slowing)))} \\approx {decimal(value)}$$"
    )
    return _result(rng, "braking distance", question, steps, value, "m")


def free_fall(rng: Random) -> Exercise:
    time = Fraction(rng.randint(8, 95), 10)
    value = Fraction(981, 200) * time * time
    name, thing = (
        rng.choice(NAMES),
        rng.choice(["a stone", "a coin", "an acorn", "a steel ball", "a key", "a golf ball"]),
    )
    place = rng.choice(["a well", "a mine shaft", "a ravine", "a tower's stairwell", "a quarry"])
    question = rng.choice(
        [
            f"{name} lets {thing} fall into {place} and sees it land after {decimal(time)} s. How deep is "
            f"it if $g = 9.81 \\, \\mathrm{{m}}/\\mathrm{{s}}^2$ and air resistance is neglected? Round to "
            "two decimals.",
            f"Released from rest, {thing} falls freely for {decimal(time)} s. Which distance does it cover? "
            f"Take $g = 9.81 \\, \\mathrm{{m}}/\\mathrm{{s}}^2$ and round to two decimals.",
        ]
    )
    steps = (
        f"For a fall from rest\n\n$$h = {frac(1, 2)} g t^2 = {frac(1, 2)} \\cdot 9.81 \\cdot "
        f"{decimal(time)}^2 \\approx {decimal(value)}$$"
    )
    return _result(rng, "free fall", question, steps, value, "m")


def resistors(rng: Random) -> Exercise:
    first, second, voltage = 10 * rng.randint(1, 40), 10 * rng.randint(1, 40), rng.choice([6, 9, 12, 24, 48])
    if rng.random() < 0.5:
        value = Fraction(first * second, first + second)
        question = rng.choice(
            [
                f"Two resistors of {first} Ω and {second} Ω are connected in parallel. What is their total "
                "resistance, rounded to two decimals?",
                f"By which single resistor could {first} Ω and {second} Ω in parallel be replaced? Round to "
                "two decimals.",
            ]
        )
        steps = (
            f"In parallel the conductances add:\n\n$${frac(1, 'R')} = {frac(1, first)} + "
            f"{frac(1, second)}$$\n\nso $R = {frac(times(first, second), first + second)} \\approx "
            f"{decimal(value)}$."
        )
        return _result(rng, "resistors in parallel", question, steps, value, "Ω")
    value = Fraction(voltage * 1000, first + second)
    question = rng.choice(
        [
            f"A battery of {voltage} V feeds {first} Ω and {second} Ω in series. Which current flows, in "
            "milliamperes and rounded to two decimals?",
            f"Resistors of {first} Ω and {second} Ω stand in series at {voltage} V. Find the current in mA, "
            "rounded to two decimals.",
        ]
    )
    steps = (
        f"The resistances add to $R = {first + second} \\, \\Omega$, and by Ohm's law\n\n$$I = "
        f"{frac('U', 'R')} = {frac(voltage, first + second)} \\, \\mathrm{{A}}$$"
    )
    return _result(rng, "Ohm's law", question, steps, value, "mA")


def kinetic_energy(rng: Random) -> Exercise:
    mass, speed = rng.randint(2, 95), rng.randint(3, 40)
    value = Fraction(mass * speed * speed, 2)
    thing = rng.choice(["sledge", "wheelbarrow", "dog", "satellite part", "boat", "trolley", "boulder"])
    question = rng.choice(
        [
            f"What is the kinetic energy of a {thing} with a mass of {mass} kg at {speed} m/s?",
            f"How much work is needed to bring a {thing} of {mass} kg from rest to {speed} m/s without friction?",
        ]
    )
    steps = (
        f"With the mass in kilograms and the speed in metres a second\n\n$$E = {frac(1, 2)} m v^2 = "
        f"{frac(1, 2)} \\cdot {mass} \\cdot {speed}^2 = {decimal(value)}$$"
    )
    return _result(rng, "kinetic energy", question, steps, value, "J")


def collision(rng: Random) -> Exercise:
    m1, m2, v1, v2 = rng.randint(2, 30), rng.randint(2, 30), rng.randint(3, 15), rng.randint(-8, 2)
    value = Fraction(m1 * v1 + m2 * v2, m1 + m2)
    moving = "stands still" if v2 == 0 else f"moves at {v2} m/s (negative means towards the first)"
    question = rng.choice(
        [
            f"A wagon of {m1} t rolls at {v1} m/s into a second one of {m2} t that {moving}. They couple. "
            "What is their common velocity, rounded to two decimals?",
            f"A lump of clay ({m1} kg) at {v1} m/s hits another of {m2} kg, which {moving}, and sticks to "
            "it. Find the velocity afterwards, rounded to two decimals.",
        ]
    )
    steps = (
        "Momentum is conserved: $m_1 v_1 + m_2 v_2 = (m_1 + m_2) v$, so\n\n$$v = "
        f"{frac(f'{m1 * v1} + ({m2 * v2})', m1 + m2)} \\approx {decimal(value)}$$"
    )
    return _result(rng, "inelastic collisions", question, steps, value, "m/s")


def wavelength(rng: Random) -> Exercise:
    speed, frequency = (
        rng.choice([(340, "air"), (1480, "water"), (5100, "steel"), (1230, "rubber")]),
        5 * rng.randint(4, 400),
    )
    value = Fraction(speed[0], frequency)
    question = rng.choice(
        [
            f"Sound travels in {speed[1]} at {speed[0]} m/s. Which wavelength belongs to a tone of "
            f"{frequency} Hz? Round to two decimals.",
            f"A tone of {frequency} Hz is heard through {speed[1]}, where sound moves at {speed[0]} m/s. How "
            "long is one wave, rounded to two decimals?",
        ]
    )
    steps = (
        "The speed is wavelength times frequency, $c = \\lambda f$, hence\n\n$$\\lambda = "
        f"{frac(speed[0], frequency)} \\approx {decimal(value)}$$"
    )
    return _result(rng, "waves", question, steps, value, "m")


def lens(rng: Random) -> Exercise:
    focal = rng.randint(4, 25)
    distance = focal + rng.randint(2, 60)
    value = Fraction(focal * distance, distance - focal)
    question = rng.choice(
        [
            f"A candle stands {distance} cm before a converging lens with a focal length of {focal} cm. At "
            "which distance behind the lens does its sharp image form? Round to two decimals.",
            f"Where must a screen be placed if an object is {distance} cm away from a thin lens of focal "
            f"length {focal} cm? Give centimetres with two decimals.",
        ]
    )
    steps = (
        f"By the lens equation\n\n$${frac(1, 'f')} = {frac(1, 'a')} + {frac(1, 'b')}$$\n\nwe have $b = "
        f"{frac('a f', 'a - f')} = {frac(distance * focal, distance - focal)} \\approx {decimal(value)}$."
    )
    return _result(rng, "thin lenses", question, steps, value, "cm")


def pressure(rng: Random) -> Exercise:
    depth, density = (
        Fraction(rng.randint(5, 400), 10),
        rng.choice([(1000, "fresh water"), (1025, "sea water"), (870, "oil")]),
    )
    value = density[0] * Fraction(981, 100) * depth / 1000
    question = rng.choice(
        [
            f"How large is the hydrostatic pressure at a depth of {decimal(depth)} m in {density[1]} with a "
            f"density of {density[0]} kg/m³? Use $g = 9.81 \\, \\mathrm{{m}}/\\mathrm{{s}}^2$ and round to "
            "two decimals in kPa.",
            f"A hatch lies {decimal(depth)} m below the surface of {density[1]} ({density[0]} kg/m³). Which "
            "pressure does the liquid alone exert on it, in kPa with two decimals, for $g = 9.81 \\, "
            f"\\mathrm{{m}}/\\mathrm{{s}}^2$?",
        ]
    )
    steps = (
        f"The pressure of a column of liquid is\n\n$$p = \\rho g h = {density[0]} \\cdot 9.81 \\cdot "
        f"{decimal(depth)} \\, \\mathrm{{Pa}}$$"
    )
    return _result(rng, "hydrostatic pressure", question, steps, value, "kPa")


TEMPLATES = (braking, free_fall, resistors, kinetic_energy, collision, wavelength, lens, pressure)
