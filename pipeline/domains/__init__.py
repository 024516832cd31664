"""Asking DNS about domains: once per domain over all workers, within a budget, and not while the resolver is broken."""

from pipeline.domains.desk import DomainDesk, Search
from pipeline.domains.rejudging import Rejudged, judged_anew, rejudge_all, rejudge_stale

__all__ = ["DomainDesk", "Rejudged", "Search", "judged_anew", "rejudge_all", "rejudge_stale"]
