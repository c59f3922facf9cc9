"""mammoth status: what each stage has done, how fast, and what it dropped and why."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from mammoth_spark import config
from mammoth_spark.console.sql import as_table
from mammoth_spark.lake import rows, table_names
from mammoth_spark.process import Process

_RUNS = "SELECT stage, round, seconds, inputs, failed_inputs, rows_in, rows_out, dropped, started_at FROM stage_runs"
_LEASES = """SELECT leases.* FROM leases JOIN (SELECT stage, max(turn) AS turn FROM leases GROUP BY stage) latest
    ON leases.stage = latest.stage AND leases.turn = latest.turn WHERE expires_at > now()"""


def run(lake: config.Lake) -> None:
    present = table_names(lake)
    if "stage_runs" not in present:
        raise ValueError("no stage has run in this lake yet; run a job with this run file first")
    runs: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in rows(lake, _RUNS + " ORDER BY started_at"):
        runs.setdefault((row["stage"], row["round"]), []).append(row)
    names = [
        "stage",
        "round",
        "waves",
        "tried",
        "failed",
        "rows in",
        "rows out",
        "seconds",
        "rows/s",
        "began (UTC)",
    ]
    print(as_table(names, [_line(stage, round_, waves) for (stage, round_), waves in runs.items()]))
    for (stage, round_), waves in runs.items():
        _print_counts(f"{stage} round {round_} dropped", [wave["dropped"] for wave in waves])
    if "warc_files" in present:
        damage = list(rows(lake, "SELECT round, damage, warc_file, reason FROM warc_files"))
        for round_ in sorted({row["round"] for row in damage}):
            _print_counts(
                f"WARC files of round {round_}, damaged places read past",
                [row["damage"] for row in damage if row["round"] == round_],
            )
        for row in damage:
            if row["reason"]:
                print(f"failed, to be tried again: {row['reason']}")
    for lease in rows(lake, _LEASES):
        driver = Process(lease["host"], lease["process_space"], lease["process"], lease["process_started"])
        state = "at work" if driver.may_live() else "was killed, and can be started again"
        print(f"{lease['stage']}: {state}: run {lease['run']}, process {driver.number} on {driver.host}")


def _line(stage: str, round_: int, waves: Sequence[dict[str, Any]]) -> list[str]:
    seconds = sum(wave["seconds"] for wave in waves)
    rows_in = sum(wave["rows_in"] for wave in waves)
    return [
        stage,
        str(round_),
        str(len(waves)),
        f"{sum(wave['inputs'] for wave in waves):,}",
        f"{sum(wave['failed_inputs'] for wave in waves):,}",
        f"{rows_in:,}",
        f"{sum(wave['rows_out'] for wave in waves):,}",
        f"{seconds:,.0f}",
        f"{rows_in / seconds:,.0f}" if seconds else "",
        f"{waves[-1]['started_at']:%Y-%m-%d %H:%M}",
    ]


def _print_counts(title: str, counts: Sequence[list[tuple[str, int]]]) -> None:
    total: Counter[str] = Counter()
    for items in counts:
        total.update(dict(items))
    if total:
        print(f"{title}: " + ", ".join(f"{number:,} {reason}" for reason, number in total.most_common()))
