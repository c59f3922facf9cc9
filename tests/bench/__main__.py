"""Measures the suite side by side with its peers: `python -m tests.bench [--quick] [SECTION]`."""

import argparse
import sys

from tests.bench import clean, decontaminate, llm, pairs, recall, sites

SECTIONS = {
    "clean": clean.measure,
    "decontaminate": decontaminate.measure,
    "llm": llm.measure,
    "pairs": pairs.measure,
    "recall": recall.measure,
    "sites": sites.measure,
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("section", nargs="?", choices=sorted(SECTIONS), help="what to measure; all by default")
    parser.add_argument(
        "--quick", action="store_true", help="a minute with a small corpus and model, to see that all runs; no figures"
    )
    chosen = parser.parse_args(arguments)
    try:
        for name in [chosen.section] if chosen.section else sorted(SECTIONS):
            SECTIONS[name](chosen.quick)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
