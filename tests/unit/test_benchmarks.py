"""What is made of the samples of a benchmark."""

import itertools
import json
from datetime import date

import pytest

from benchmarks.drilling import Drilled, together
from benchmarks.dying import Deaths
from benchmarks.figures import Row, Summary, alternated, gaps, longest_gap
from benchmarks.report import cells, document, figure, markdown, number
from benchmarks.waiting import CannotMeasure
from benchmarks.wire import request, told
from docs import figures


def summary(*samples: float) -> Summary:
    """Of some samples."""
    return Summary(samples)


def test_a_summary_has_a_middle_and_two_ends() -> None:
    taken = summary(3, 1, 2, 9)
    assert (taken.median, taken.low, taken.high) == (2.5, 1, 9)


@pytest.mark.parametrize(("count", "p95"), [(1, 1), (10, 10), (20, 19), (30, 29), (100, 95)])
def test_95_of_100_samples_stay_within_the_p95(count: int, p95: float) -> None:
    assert summary(*range(count, 0, -1)).p95 == p95


def test_what_was_seen_in_several_drills_adds_up() -> None:
    seen = together([Drilled((30, 10), (5, 5, 5), 400, 0), Drilled((50,), (5, 6), 200, 1)])
    assert seen == Drilled((30, 10, 50), (5, 5, 5, 5, 6), 600, 1)


def test_deaths_are_told_from_the_first_kill_to_the_end() -> None:
    lines = ["1000000 kill a", "1500000 die b", "2000000 kill a", "4000000 die a", "5000000 kill a", "6000000 die a"]
    deaths = Deaths(lines)
    assert (deaths.of(["a", "a"]), deaths.of(["a"])) == ((3.0, 1.0), (3.0,))
    with pytest.raises(CannotMeasure, match="2 of 3"):
        deaths.of(["a", "a", "a"])


def test_drills_are_judged_by_the_middle_the_tail_the_longest_and_the_losses() -> None:
    seen = Drilled((*range(1, 20), 900), (5, 6, 7), 4000, 2)
    rows = (seen.gap("x", 10.5), seen.tail("x", 18), seen.longest("x", 900), seen.loss("x", 0))
    assert [row.ours.median for row in rows] == [10.5, 19, 900, 2]
    assert [row.met for row in rows] == [True, False, True, False]
    assert rows[3].note == "of 4,000 in 20 drills"


def test_a_ratio_is_taken_round_by_round_so_that_drift_cancels() -> None:
    assert summary(10, 20, 40).over(summary(5, 10, 20)).samples == (2, 2, 2)


def test_a_ratio_needs_a_floor_for_every_sample() -> None:
    with pytest.raises(ValueError, match="shorter"):
        summary(1, 2).over(summary(1))


def test_samples_are_taken_in_turn_and_the_first_round_only_warms_up() -> None:
    order: list[str] = []
    counter = itertools.count()

    def take(name: str) -> float:
        order.append(name)
        return next(counter)

    ours, floor = alternated(2, lambda: take("a"), lambda: take("b"))
    assert order == ["a", "b"] * 3
    assert (ours.samples, floor.samples) == ((2, 4), (3, 5))


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("x", "ms", summary(12), summary(10), bar=1.25), True),
        (Row("x", "ms", summary(13), summary(10), bar=1.25), False),
        (Row("x", "ms", summary(60), bar=60.0), True),
        (Row("x", "ms", summary(61), bar=60.0), False),
        (Row("x", "ms", summary(61)), None),
    ],
)
def test_a_bar_is_for_the_ratio_or_without_a_floor_for_the_figure(row: Row, met: bool | None) -> None:
    assert row.met is met


def test_gaps_are_between_neighbours() -> None:
    assert gaps([1, 2, 4, 7]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("begin", "end", "longest"),
    [
        (2.5, 2.6, 1),  # within a gap
        (2.5, 4.5, 5),  # the gap begins within the span, and ends behind it
        (9.5, 10.5, 1),  # the longest of all lies before
        (0, 11, 5),
    ],
)
def test_the_longest_gap_counts_when_a_part_of_it_lies_in_the_span(begin: float, end: float, longest: float) -> None:
    assert longest_gap([0, 1, 2, 3, 4, 9, 10, 11], begin, end) == longest


@pytest.mark.parametrize("moments", [[], [5.0, 9.0], [1.0, 5.0]])
def test_moments_that_do_not_surround_the_span_say_nothing(moments: list[float]) -> None:
    with pytest.raises(ValueError, match="surround"):
        longest_gap(moments, 2, 8)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (0.757, "0.757"), (17.18, "17.2"), (99.95, "100"), (829.4, "829"), (26309.0, "26,309")],
)
def test_numbers_have_three_digits_that_count(value: float, said: str) -> None:
    assert number(value) == said


def test_a_figure_tells_its_range_when_it_has_one() -> None:
    assert figure(summary(3, 1, 2), "ms") == "2 ms (1 to 3)"
    assert figure(summary(0), "writes") == "0 writes"


def test_a_row_in_words() -> None:
    row = Row("start", "ms", summary(30, 30), summary(20, 20), "imports", 2.0, "warm")
    assert cells(row) == ("start (warm)", "30 ms (30 to 30)", "imports", "20 ms (20 to 20)", "1.50", "≤ 2", "met")
    assert cells(Row("gap", "ms", summary(70), bar=60.0))[-2:] == ("≤ 60 ms", "missed")


def test_markdown_has_a_line_for_every_row_and_two_for_the_heading() -> None:
    lines = markdown([Row("a", "ms", summary(1)), Row("b", "ms", summary(2))]).splitlines()
    assert [line.split(" | ")[0] for line in lines] == ["| What", "| ---", "| a", "| b"]
    assert len({line.count("|") for line in lines}) == 1


def test_the_document_keeps_every_sample_and_what_is_missing() -> None:
    row = Row("a", "ms", summary(3, 6), summary(2, 2), bar=2.0)
    kept = json.loads(json.dumps(document([row], {"b": "no engine"}, date(2026, 3, 1), {"cores": 2})))
    assert kept["rows"][0]["ours"]["samples"] == [3, 6]
    assert (kept["rows"][0]["ratio"]["median"], kept["rows"][0]["met"]) == (2.25, False)
    assert kept["missing"] == {"b": "no engine"}
    assert (kept["taken"], kept["machine"]) == ("2026-03-01", {"cores": 2})


def test_a_run_that_is_kept_becomes_a_table() -> None:
    rows = [Row("a", "ms", summary(3, 6), summary(2, 2), "b", bar=2.0, note="n"), Row("c", "s", summary(1), bar=2.0)]
    said = figures.table(document(rows, {}, date(2026, 3, 1), {"cores": 2, "system": "Linux", "python": "3.11"}))
    assert said.splitlines()[0] == "Taken on 2026-03-01: 2 cores, Linux, Python 3.11."
    assert said.splitlines()[-2:] == ["| a (n) | 4.5 ms | b: 2 ms | 2.25 | ≤ 2, missed |", "| c | 1 s |  |  | ≤ 2 s |"]


def test_a_request_says_how_long_it_is_and_who_calls() -> None:
    head, _, body = request("DescribeCacheClusters", {"MaxRecords": 20}, "000000000007").partition(b"\r\n\r\n")
    assert body == b"Action=DescribeCacheClusters&Version=2015-02-02&MaxRecords=20"
    assert b"Content-Length: %d" % len(body) in head
    assert b"Credential=000000000007/20260101/us-east-1/elasticache/aws4_request" in head


def test_the_first_element_of_a_name_is_told() -> None:
    assert told(b"<A><Status>creating</Status><Status>late</Status></A>", "Status") == "creating"
