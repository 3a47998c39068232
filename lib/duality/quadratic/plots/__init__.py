"""Tables in, figures out, in one house style."""

from duality.quadratic.plots.slack import slack, slack_at
from duality.quadratic.plots.tradeoff import tradeoff
from duality.quadratic.plots.trends import trends, trends_at

__all__ = ["slack", "slack_at", "tradeoff", "trends", "trends_at"]
