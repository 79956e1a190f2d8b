"""The rules of crates/law/benches/threshold for OpenFisca-core, timed for `cargo bench -p kanae-law`.

Reads one line for each model on stdin, `<compute in FLOP or -> <day of publication>`, up to a line
`end`. Then each line `all` evaluates every model at once, and `<n>` the first n models one at a time;
the answer is `<seconds> <models covered>`. After `days`, it writes the last day of each covered model.

OpenFisca has no unknown figure: one that is not known is entered as 0, and so is not covered.
"""

import datetime
import sys
import time

import numpy
from openfisca_core.entities import Entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DAY, ETERNITY
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

TODAY = "2027-11-24"

model = Entity("model", "models", "A model", "")


class compute(Variable):
    value_type = float
    entity = model
    definition_period = ETERNITY
    label = "Training compute in FLOP"


class published(Variable):
    value_type = datetime.date
    entity = model
    definition_period = ETERNITY
    label = "Day of publication"


class covered(Variable):
    value_type = bool
    entity = model
    definition_period = DAY
    label = "Compute at or above the threshold"

    def formula(models, period, parameters):
        return models("compute", period) >= parameters(period).threshold


class due(Variable):
    value_type = datetime.date
    entity = model
    definition_period = DAY
    label = "Last day to notify"

    def formula(models, period):
        return models("published", period) + numpy.timedelta64(14, "D")


def law():
    system = TaxBenefitSystem([model])
    for variable in (compute, published, covered, due):
        system.add_variable(variable)
    threshold = {"values": {"2000-01-01": {"value": 1e25}}}
    system.parameters = ParameterNode("", data={"threshold": threshold})
    return system


def evaluate(system, figures, days):
    """Asks a new simulation, since one keeps what it has calculated."""
    simulation = SimulationBuilder().build_default_simulation(system, count=len(figures))
    simulation.set_input("compute", ETERNITY, figures)
    simulation.set_input("published", ETERNITY, days)
    return simulation.calculate("covered", TODAY), simulation.calculate("due", TODAY)


def main():
    rows = [line.split() for line in iter(sys.stdin.readline, "end\n")]
    figures = numpy.array([0.0 if figure == "-" else float(figure) for figure, _ in rows])
    days = numpy.array([day for _, day in rows], dtype="datetime64[D]")
    system = law()
    for line in iter(sys.stdin.readline, ""):
        word = line.strip()
        if word == "days":
            is_covered, last = evaluate(system, figures, days)
            print(*last[is_covered], flush=True)
            continue
        start = time.perf_counter()
        if word == "all":
            count = evaluate(system, figures, days)[0].sum()
        else:
            single = (evaluate(system, figures[at : at + 1], days[at : at + 1]) for at in range(int(word)))
            count = sum(int(is_covered[0]) for is_covered, _ in single)
        print(time.perf_counter() - start, count, flush=True)


if __name__ == "__main__":
    main()
