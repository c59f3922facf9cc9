"""The console `mammoth`: what is not a stage. One file a command."""

import argparse
import os
import sys

from mammoth_spark.config import load
from mammoth_spark.console import endpoint, estimate, sites, sql, status
from mammoth_spark.web.fetch import FetchError


def main() -> None:
    """Exit codes: 0 done, 2 a mistake of the user's, said in one line, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="mammoth", description="Looks into a lake without starting Spark.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    ask = commands.add_parser(
        "sql",
        help="ask the lake's tables by their names",
        description="Asks the lake's tables by their names, without starting Spark.",
        epilog='example: mammoth sql "SELECT root_url, count(*) FROM recalled_pages GROUP BY 1 ORDER BY 2 DESC"',
    )
    ask.add_argument("query", metavar='"SELECT ..."')
    look = commands.add_parser(
        "status",
        help="what each stage has done, how fast, and what it dropped and why",
        description="What each stage has done, how fast, and what it dropped and why.",
        epilog="example: mammoth status --conf conf/demo.yaml",
    )
    serve = commands.add_parser(
        "endpoint",
        help="answer by rules as a language model would, on loopback",
        description="Answers chat completions by rules, on loopback, until interrupted or while a command runs.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: mammoth endpoint --fault 429=0.1 -- spark-submit jobs/check_endpoint.py --conf conf/demo.yaml"
        f"\n\nfaults:\n{endpoint.KINDS}",
    )
    serve.add_argument("--port", type=int, default=0, help="a free one by default")
    serve.add_argument("--seconds", type=float, default=0.0, help="time that each answer takes (%(default)s)")
    serve.add_argument("--fault", action="append", default=[], metavar="kind=share", help="misbehave so often")
    serve.add_argument("--key-env", metavar="NAME", help="refuse calls without the key that this variable holds")
    serve.add_argument("command_line", nargs="*", metavar="COMMAND", help="run this, with MAMMOTH_ENDPOINT set")
    cards = commands.add_parser(
        "sites",
        help="a round's sites as cards, best score first",
        description="A round's sites as cards, best score first: pages, scores, samples, and what was decided and why.",
        epilog="example: mammoth sites --conf conf/demo.yaml --verdict rejected --set round=2",
    )
    cards.add_argument("--most", type=int, default=50, help="so many at most (%(default)s)")
    cards.add_argument("--verdict", choices=("selected", "rejected", "open"), help="only these")
    foresee = commands.add_parser(
        "estimate",
        help="what a stage that asks a model will cost",
        description="Asks for a sample and says what the whole stage will cost, with its interval.",
        epilog="example: mammoth estimate check_endpoint --conf conf/mine.yaml",
    )
    foresee.add_argument("stage", choices=sorted(estimate.STAGES))
    foresee.add_argument("--sample", type=int, default=50, help="requests to ask (%(default)s)")
    for command in (ask, look, cards, foresee):
        command.add_argument("--conf", default="conf/demo.yaml", metavar="RUN.yaml", help="run file (%(default)s)")
        command.add_argument(
            "--set", action="append", default=[], metavar="section.key=value", help="setting to replace in it"
        )
    arguments = parser.parse_args()
    try:
        if arguments.command == "endpoint":
            given = (arguments.port, arguments.seconds, arguments.fault, arguments.key_env, arguments.command_line)
            sys.exit(endpoint.run(*given))
        uses = ("lake", "llm", "extraction", "sites", "http") if arguments.command == "estimate" else ("lake",)
        run_file = load(arguments.conf, arguments.set, uses)
        if arguments.command == "sql":
            sql.run(run_file.lake, arguments.query)
        elif arguments.command == "status":
            status.run(run_file.lake)
        elif arguments.command == "sites":
            sites.run(run_file.lake, run_file.round, arguments.most, arguments.verdict)
        else:
            estimate.run(run_file, arguments.stage, arguments.sample)
    except (ValueError, FetchError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
