"""Asking DNS which hosts take mail for a domain, many domains at once (aiodns on c-ares)."""

from pipeline.lookups.canaries import CanaryReport
from pipeline.lookups.channels import NameserverError
from pipeline.lookups.loops import LookupLoop
from pipeline.lookups.search import MailLookups
from pipeline.lookups.throttle import Throttle, Unthrottled

__all__ = ["CanaryReport", "LookupLoop", "MailLookups", "NameserverError", "Throttle", "Unthrottled"]
