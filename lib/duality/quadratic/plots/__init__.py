"""Tables in, figures out, in one house style: `style.panels` opens a figure, `style.LOOKS` names the methods'
looks.
"""

from duality.book import style
from duality.quadratic.plots.counterexamples import counterexamples
from duality.quadratic.plots.crossings import Crossing, crossings
from duality.quadratic.plots.offclass import offclass
from duality.quadratic.plots.regions import regions
from duality.quadratic.plots.sensitivity import sensitivity
from duality.quadratic.plots.slack import slack, slack_at
from duality.quadratic.plots.stability_q import stability_q
from duality.quadratic.plots.tradeoff import tradeoff
from duality.quadratic.plots.trends import trends, trends_at

__all__ = [
    "Crossing",
    "counterexamples",
    "crossings",
    "offclass",
    "regions",
    "sensitivity",
    "slack",
    "slack_at",
    "stability_q",
    "style",
    "tradeoff",
    "trends",
    "trends_at",
]
