"""Exercises in German and French, for the instructional sites that are not in English."""

from fractions import Fraction
from random import Random

from mammoth_spark.demo.exercises.exercise import (
    NAMES,
    Exercise,
    decimal,
    frac,
    fraction_tex,
    math,
    nonzero,
    polynomial,
    wrong_numbers,
)


def _comma(value: Fraction | int) -> str:
    return decimal(value).replace(".", ",")


def gleichung(rng: Random) -> Exercise:
    a, b, c = rng.randint(2, 19), nonzero(rng, -30, 30), nonzero(rng, -40, 40)
    value = Fraction(c - b, a)
    equation = f"{polynomial([a, b])} = {c}"
    question = rng.choice(
        [
            f"Löse die Gleichung ${equation}$ nach $x$ auf.",
            f"Für welches $x$ gilt ${equation}$?",
            f"{rng.choice(NAMES)} sucht die Lösung von ${equation}$. Wie lautet sie?",
        ]
    )
    solution = (
        f"Wir bringen die Zahl auf die rechte Seite und teilen durch {a}:\n\n$$x = "
        f"{frac(c - b, a)}$$\n\nalso $x = {fraction_tex(value)}$."
    )
    return Exercise("Gleichungen", question, math(value), solution, wrong_numbers(rng, value))


def _wrong(rng: Random, value: Fraction, unit: str) -> tuple[str, ...]:
    return tuple(text.replace(".", ",") for text in wrong_numbers(rng, value, unit))


def geschwindigkeit(rng: Random) -> Exercise:
    way, minutes = rng.randint(20, 400), 5 * rng.randint(6, 60)
    value = Fraction(way * 60, minutes)
    thing = rng.choice(["Ein Zug", "Ein Auto", "Ein Bus", "Ein Schiff", "Ein Radfahrer"])
    question = rng.choice(
        [
            f"{thing} legt {way} km in {minutes} Minuten zurück. Wie groß ist die mittlere Geschwindigkeit "
            "in km/h, auf zwei Stellen gerundet?",
            f"{thing} braucht für {way} km genau {minutes} Minuten. Berechne die "
            "Durchschnittsgeschwindigkeit in km/h (zwei Stellen).",
        ]
    )
    answer = f"{_comma(value)} km/h"
    solution = (
        f"Die Geschwindigkeit ist Weg durch Zeit, und {minutes} Minuten sind ${frac(minutes, 60)}$ "
        f"Stunden:\n\n$$v = {frac('s', 't')} = {frac(way * 60, minutes)}$$\n\nDas sind {answer}."
    )
    return Exercise("Bewegung", question, answer, solution, _wrong(rng, value, " km/h"))


def ableitung(rng: Random) -> Exercise:
    coefficients = [nonzero(rng, -9, 9) for _ in range(4)]
    slopes = [c * (3 - i) for i, c in enumerate(coefficients[:-1])]
    function, result = polynomial(coefficients), polynomial(slopes)
    question = rng.choice(
        [
            f"Bilde die Ableitung von $f(x) = {function}$.",
            f"Wie lautet $f'(x)$ für $f(x) = {function}$?",
            f"Leite die Funktion mit der Gleichung $y = {function}$ einmal ab.",
        ]
    )
    solution = (
        f"Nach der Potenzregel leitet man jedes Glied für sich ab, die Konstante fällt weg:\n\n$$f'(x) = {result}$$"
    )
    wrong = (
        f"${polynomial(coefficients[:-1])}$",
        f"${polynomial([*slopes[:-1], slopes[-1] + 1])}$",
        f"${polynomial([-s for s in slopes])}$",
    )
    return Exercise("Ableitungen", question, f"${result}$", solution, wrong)


def prozent(rng: Random) -> Exercise:
    base, percent = 100 * rng.randint(1, 90), rng.randint(2, 60)
    value = Fraction(base * percent, 100)
    name = rng.choice(NAMES)
    question = rng.choice(
        [
            f"{name} bekommt auf einen Preis von {base} Euro einen Nachlass von {percent} Prozent. Wie viel "
            "Euro spart man dabei?",
            f"Von {base} Schülern einer Stadt kommen {percent} Prozent mit dem Rad. Welchem Prozentwert "
            "entspricht das?",
        ]
    )
    solution = (
        f"Der Prozentwert ist Grundwert mal Prozentsatz:\n\n$$W = {frac(percent, 100)} \\cdot "
        f"{base}$$\n\nDas ergibt {_comma(value)}."
    )
    return Exercise("Prozentrechnung", question, _comma(value), solution, _wrong(rng, value, ""))


def equation(rng: Random) -> Exercise:
    a, b, c = rng.randint(2, 19), nonzero(rng, -30, 30), nonzero(rng, -40, 40)
    value = Fraction(c - b, a)
    text = f"{polynomial([a, b], 't')} = {c}"
    question = rng.choice(
        [
            f"Résoudre l'équation ${text}$.",
            f"Pour quelle valeur de $t$ a-t-on ${text}$ ?",
            f"{rng.choice(NAMES)} cherche le nombre $t$ tel que ${text}$. Quel est ce nombre ?",
        ]
    )
    solution = (
        f"On isole l'inconnue, puis on divise par {a} :\n\n$$t = {frac(c - b, a)}$$\n\nd'où $t = "
        f"{fraction_tex(value)}$."
    )
    return Exercise("équations", question, math(value), solution, wrong_numbers(rng, value))


def vitesse(rng: Random) -> Exercise:
    way, minutes = rng.randint(20, 400), 5 * rng.randint(6, 60)
    value = Fraction(way * 60, minutes)
    thing = rng.choice(["Un train", "Une voiture", "Un autocar", "Un bateau", "Un cycliste"])
    question = rng.choice(
        [
            f"{thing} parcourt {way} km en {minutes} minutes. Quelle est sa vitesse moyenne en km/h, "
            "arrondie au centième ?",
            f"Il faut {minutes} minutes pour {way} km : {thing.lower()} roule à vitesse constante. Calculer "
            "cette vitesse en km/h (au centième).",
        ]
    )
    answer = f"{_comma(value)} km/h"
    solution = (
        f"La vitesse est la distance divisée par la durée, qui vaut ${frac(minutes, 60)}$ heure :\n\n$$v = "
        f"{frac('d', 't')} = {frac(way * 60, minutes)}$$\n\nsoit {answer}."
    )
    return Exercise("mouvement", question, answer, solution, _wrong(rng, value, " km/h"))


def aire(rng: Random) -> Exercise:
    width, length = rng.randint(3, 90), rng.randint(5, 120)
    name = rng.choice(NAMES)
    question = rng.choice(
        [
            f"Le jardin de {name} est un rectangle de {width} m sur {length} m. Quelle est son aire en mètres carrés ?",
            f"{name} veut couvrir de gazon un terrain rectangulaire long de {length} m et large de {width} "
            "m. Quelle surface faut-il prévoir, en m² ?",
        ]
    )
    value = width * length
    solution = f"L'aire d'un rectangle est le produit de ses côtés :\n\n$$A = {length} \\cdot {width} = {value}$$"
    return Exercise("aires", question, f"{value} m²", solution, _wrong(rng, Fraction(value), " m²"))


def moyenne(rng: Random) -> Exercise:
    marks = [rng.randint(2, 20) for _ in range(rng.randint(4, 6))]
    value = Fraction(sum(marks), len(marks))
    listed = ", ".join(map(str, marks))
    question = rng.choice(
        [
            f"{rng.choice(NAMES)} a obtenu les notes {listed}. Quelle est la moyenne, arrondie au centième ?",
            f"Calculer la moyenne de la série {listed} (au centième).",
        ]
    )
    solution = (
        "On additionne les notes et on divise par leur nombre :\n\n$$m = "
        f"{frac(sum(marks), len(marks))}$$\n\nsoit {_comma(value)}."
    )
    return Exercise("moyennes", question, _comma(value), solution, _wrong(rng, value, ""))


GERMAN = (gleichung, geschwindigkeit, ableitung, prozent)
FRENCH = (equation, vitesse, aire, moyenne)
TEMPLATES = GERMAN + FRENCH
