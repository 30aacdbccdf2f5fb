"""`python -m bench [--quick] [relay|peer|commands|reads|terminal|screen|language|rules ...]`:
those named, else all (`relay` measures what `peer` and `commands` do).

Ends with 1 where a goal is missed.
"""

import argparse
import sys

from bench.report import Report
from bench.sections import FULL, QUICK, SECTIONS

ALL = ("relay", "reads", "terminal", "screen", "language", "rules")


def main() -> int:
    asked = argparse.ArgumentParser("python -m bench")
    asked.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="SECTION")
    asked.add_argument("--quick", action="store_true", help="a smaller desk and shorter runs")
    given = asked.parse_args()
    report = Report()
    for name in given.sections or ALL:
        SECTIONS[name](QUICK if given.quick else FULL, report)
    report.end()
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
