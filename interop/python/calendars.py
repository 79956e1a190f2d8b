"""Counts periods by the counting rules of law, written from the texts of the laws.

An oracle for crates/law: it shares no code and no data format with it. Only the tables of holidays
are handed over, so that counting and tables are compared apart. Input on stdin, one line each:

    table <calendar> <day> <day> ...                holidays of a calendar
    case <calendar> <zone> <instant> <count> <unit> <after|before>

Output, a line for each case: `<day counted> <day due> <instant or ->`, or `beyond` where the answer
would need a day of a year whose holidays are not known.

    calendars.py holidays <country> <subdivision or -> <first year> <last year>

prints the public holidays that the package `holidays` knows, `<day>\t<name>`.
"""

import sys
from datetime import date, datetime, timedelta, timezone

import holidays
from dateutil import tz
from dateutil.relativedelta import relativedelta

ONE_DAY = timedelta(days=1)


class Beyond(Exception):
    """The holidays of the year are not known."""


class Offices:
    """The days on which offices are closed."""

    def __init__(self, days, turn_of_year=False):
        self.days = set(days)
        self.years = (min(days).year, max(days).year) if days else None
        self.turn_of_year = turn_of_year

    def open(self, day):
        if day.weekday() >= 5:
            return False
        # Act 91 of 1988, Art. 1(1)(iii): 29 December to 3 January.
        if self.turn_of_year and ((day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)):
            return False
        if self.years and not self.years[0] <= day.year <= self.years[1]:
            raise Beyond
        return day not in self.days

    def next_open(self, day):
        while not self.open(day):
            day += ONE_DAY
        return day


def nth_working_day(offices, event, count, step, day_of_event_counts=False):
    day = event - step * ONE_DAY if day_of_event_counts else event
    while count:
        day += step * ONE_DAY
        count -= offices.open(day)
    return day


def month_length(year, month):
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - ONE_DAY).day


def same_date(event, months):
    """The day of the last month with the date of the event, or the last day of that month.

    Regulation 1182/71, Art. 3(2)(c); the usual reading of a "month" in the States.
    """
    return event + relativedelta(months=months)


def before_corresponding(first, months):
    """The day before the one that corresponds to the first day counted, or the end of the month.

    Civil Code of Japan, Art. 143(2); Civil Act of Korea, Art. 160(2), (3).
    """
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    if first.day <= month_length(year, month + 1):
        return date(year, month + 1, first.day) - ONE_DAY
    return date(year, month + 1, month_length(year, month + 1))


# What each law says. `rolls`: a period not in hours that ends on a closed day ends on the next open
# one. `months`: how a month ends. `hours`: from when hours run, and whether their end moves.
# Nothing was found on periods counted backwards: they end where the calendar says, and do not move.
RULES = {
    # Regulation 1182/71: Art. 3(1) the day and the hour of the event do not count; 3(4); 3(5).
    "eu-1182-71": dict(rolls=True, months=same_date, hours="next full hour", two_working_days=True),
    # The Code of Practice as it is written.
    "cop": dict(months=same_date, hours="at once"),
    # Act 91 of 1988, Art. 2: acts toward an agency, periods not in hours; Civil Code 139 to 143.
    "jp-administrative": dict(rolls=True, months=before_corresponding, hours="at once", turn_of_year=True),
    "jp-agency": dict(months=before_corresponding, hours="at once", turn_of_year=True),
    "jp-civil": dict(months=before_corresponding, hours="at once", turn_of_year=True),
    # Civil Code 140, proviso: the period begins at midnight, and the first day counts.
    "jp-from-midnight": dict(
        months=before_corresponding, hours="at once", turn_of_year=True, first_day_counts=True
    ),
    # Civil Act of Korea 156, 157, 159 to 161.
    "kr-civil": dict(rolls=True, months=before_corresponding, hours="at once"),
    # Code of Civil Procedure 12, 12a.
    "us-ca": dict(rolls=True, months=same_date, hours="at once"),
    "us-ca-event": dict(),
    # General Construction Law 20, 25-a(1), with two readings of it for hours.
    "us-ny-hours-run": dict(rolls=True, months=same_date, hours="at once"),
    "us-ny-hours-roll": dict(rolls=True, months=same_date, hours="at once", hours_roll=True),
    "us-ny-event": dict(),
    # Statute on Statutes 1.11.
    "us-il": dict(rolls=True, months=same_date, hours="at once"),
    # Texts without a counting rule: as they are written.
    "as-written": dict(months=same_date),
}


def forwards(rule, offices, event, count, unit):
    if unit == "working days":
        day = nth_working_day(offices, event, count, 1, rule.get("first_day_counts"))
        return day, day
    first = event if rule.get("first_day_counts") else event + ONE_DAY
    if unit in ("days", "weeks"):
        last = first + timedelta(days=count * (7 if unit == "weeks" else 1) - 1)
    else:
        months = count * (12 if unit == "years" else 1)
        last = rule["months"](event if rule["months"] is same_date else first, months)
    due = last
    if rule.get("two_working_days") and (unit != "days" or count >= 2):
        # The second working day of the period, be it after the last day.
        due = max(last, nth_working_day(offices, first - ONE_DAY, 2, 1))
    if rule.get("rolls"):
        due = offices.next_open(due)
    return last, due


def backwards(offices, event, count, unit):
    if unit == "working days":
        return nth_working_day(offices, event, count, -1)
    if unit in ("days", "weeks"):
        return event - timedelta(days=count * (7 if unit == "weeks" else 1))
    return event + relativedelta(months=-count * (12 if unit == "years" else 1))


def hours(rule, offices, zone, instant, count):
    start = instant
    if rule["hours"] == "next full hour":
        local = instant.astimezone(zone)
        start = instant - timedelta(minutes=local.minute, seconds=local.second) + timedelta(hours=1)
    end = (start + timedelta(hours=count)).astimezone(zone)
    counted = end.date()
    if rule.get("hours_roll"):
        moved = offices.next_open(counted)
        if moved != counted:
            end = tz.resolve_imaginary(datetime.combine(moved, end.timetz().replace(fold=0)))
    return counted, end.date(), end.astimezone(timezone.utc)


def answer(offices_of, calendar, zone, instant, count, unit, direction):
    rule, offices = RULES[calendar.split("/")[-1]], offices_of[calendar]
    at = datetime.fromisoformat(instant)
    place = tz.gettz(zone)
    if unit == "hours":
        counted, due, end = hours(rule, offices, place, at, count)
        return f"{counted} {due} {end:%Y-%m-%dT%H:%M:%SZ}"
    event = at.astimezone(place).date()
    if direction == "before":
        due = backwards(offices, event, count, unit)
        return f"{due} {due} -"
    counted, due = forwards(rule, offices, event, count, unit)
    return f"{counted} {due} -"


def main():
    offices_of, answers = {}, []
    for line in sys.stdin:
        word, calendar, *rest = line.rstrip("\n").split("\t")
        if word == "table":
            rule = RULES[calendar.split("/")[-1]]
            days = [date.fromisoformat(day) for day in rest]
            offices_of[calendar] = Offices(days, rule.get("turn_of_year", False))
            continue
        zone, instant, count, unit, direction = rest
        try:
            answers.append(answer(offices_of, calendar, zone, instant, int(count), unit, direction))
        except Beyond:
            answers.append("beyond")
    print("\n".join(answers))


def table(country, subdivision, first, last):
    known = holidays.country_holidays(
        country,
        subdiv=None if subdivision == "-" else subdivision,
        years=range(int(first), int(last) + 1),
        language="en_US" if country in ("JP", "KR") else None,
    )
    for day, name in sorted(known.items()):
        print(f"{day}\t{name}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["holidays"]:
        table(*sys.argv[2:])
    else:
        main()
