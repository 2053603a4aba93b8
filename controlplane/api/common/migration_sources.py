"""The source of an online migration, as requests name it."""

import re
from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model import questions, secret_arns
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.migration import SourceCheck
from cachewright.controlplane.model.upstreams import Upstream

NO_TLS, VERIFY_CA = TLS_MODES = ("none", "verify-ca")  # AWS's SourceTlsMode
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}|::[0-9a-fA-F:.]{1,43}")


def checked_source(context: Context, cache: Cache, params: Params) -> tuple[Upstream, SourceCheck]:
    """The source that a request names, as nodes reach it, and what an agent says of it; Fault for what is none."""
    source = _named(params)
    check = context.answers.to(questions.source(cache, source))
    return replace(source, host=check.host), check


def _named(params: Params) -> Upstream:
    endpoints = params.get("CustomerNodeEndpointList") or []
    if len(endpoints) != 1:
        raise invalid_value("CustomerNodeEndpointList must have exactly one element.")
    host, port = endpoints[0].get("Address", ""), endpoints[0].get("Port")
    if not _HOST.fullmatch(host):
        raise invalid_value(f"Invalid Address in CustomerNodeEndpointList: {host}")
    if port is None or not 1 <= port <= 65535:
        raise invalid_value(f"Invalid Port in CustomerNodeEndpointList: {port}")
    tls = params.get("SourceTlsConfiguration") or {}
    encrypted, certificate = tls.get("SourceTlsMode") == VERIFY_CA, tls.get("SourceTlsCertificate") or ""
    return Upstream(host, port, secret=_secret(params), encrypted=encrypted, certificate=certificate)


def check_tls(params: Params) -> None:
    """Fault for a SourceTlsConfiguration that says nothing, or contradicts itself."""
    tls = params.get("SourceTlsConfiguration") or {}
    mode = tls.get("SourceTlsMode")
    if mode not in (None, *TLS_MODES):
        raise invalid_value(f"Invalid value {mode} for SourceTlsMode. Must be one of: {', '.join(TLS_MODES)}")
    if tls.get("SourceTlsCertificate") and mode != VERIFY_CA:
        raise invalid_value(f"SourceTlsCertificate can be given with SourceTlsMode {VERIFY_CA} only.")


def _secret(params: Params) -> str:
    """The ARN of the secret that a request names; empty for none."""
    asked = params.get("SourceAuthenticationConfiguration") or {}
    arn: str = (asked.get("SecretManagerConfig") or {}).get("SecretArn") or ""
    if asked and secret_arns.parsed(arn) is None:
        raise invalid_value(f"Invalid SecretArn in SourceAuthenticationConfiguration: {arn}")
    return arn
