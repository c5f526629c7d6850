"""Envoy's configuration, one function a part, from a few choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Part = dict[str, Any]

FILTERS = "type.googleapis.com/envoy.extensions.filters"
CLUSTER = "users"
REPLICA = "users.internal"  # the name that certificates of replicas carry
LOCAL_ORIGINS = (r"https?://(localhost|127\.0\.0\.1)(:[0-9]+)?",)

REQUEST_HEADERS = (
    "authorization", "content-type", "x-grpc-web", "x-user-agent", "grpc-timeout", "x-request-id",
    "x-caller-id", "x-role", "connect-protocol-version", "connect-timeout-ms",
)  # fmt: skip
RESPONSE_HEADERS = (
    "grpc-status", "grpc-message", "grpc-status-details-bin", "x-request-id", "x-resume-token",
)  # fmt: skip

# What Envoy answers by itself over HTTP, and the google.rpc.Code that says the same.
LOCAL_REPLIES = ((400, 3), (401, 16), (403, 7), (404, 12), (408, 4), (413, 8), (429, 8), (431, 8))


@dataclass(frozen=True, slots=True)
class Tls:
    """Where Envoy reads its certificate and the replicas' authority, again whenever they change."""

    folder: Path


@dataclass(frozen=True, slots=True)
class Jwt:
    """Tokens that every call of the API must bring."""

    jwks: Path
    issuer: str
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What may be chosen. Ports may be 0; times are seconds."""

    replicas: Sequence[str]  # HOST:PORT
    descriptors: Path  # a FileDescriptorSet with its imports
    services: Sequence[str]
    rest: Sequence[str]  # prefixes of REST paths
    host: str = "127.0.0.1"
    port: int = 8080
    admin_port: int = 0
    access_log: str = "/dev/stdout"
    origins: Sequence[str] = LOCAL_ORIGINS
    rate: int = 5_000  # requests a second, in all
    tls: Tls | None = None
    jwt: Jwt | None = None
    health_interval: float = 1.0
    ejection: float = 5.0
    headers_to_remove: Sequence[str] = field(default=())


def configuration(edge: Edge) -> Part:
    """The whole configuration, as Envoy reads it from JSON."""
    return {
        "node": {"id": "edge", "cluster": "edge"},  # files of certificates want one
        "admin": {"address": _address("127.0.0.1", edge.admin_port)},
        "static_resources": {"listeners": [_listener(edge)], "clusters": [_cluster(edge)]},
    }


def _listener(edge: Edge) -> Part:
    manager = {
        "@type": _type("network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": "edge",
        "codec_type": "AUTO",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "generate_request_id": True,
        "preserve_external_request_id": True,
        "always_set_request_id_in_response": True,
        "stream_idle_timeout": "0s",  # a stream of events may be silent; keepalive finds the dead
        "request_headers_timeout": "10s",
        "http2_protocol_options": {
            "max_concurrent_streams": 1000,
            "connection_keepalive": {"interval": "30s", "timeout": "5s"},
        },
        "access_log": [_access_log(edge)],
        "local_reply_config": {"mappers": [*map(_local_reply, LOCAL_REPLIES), _server_error()]},
        "route_config": _routes(edge),
        "http_filters": _http_filters(edge),
    }
    chain = {
        "filters": [
            {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
        ]
    }
    return {"name": "edge", "address": _address(edge.host, edge.port), "filter_chains": [chain]}


def _access_log(edge: Edge) -> Part:
    line = {
        "at": "%START_TIME%",
        "method": "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD)%",
        "path": "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%",  # queries hold personal data
        "status": "%RESPONSE_CODE%",
        "grpc": "%GRPC_STATUS(SNAKE_STRING)%",
        "flags": "%RESPONSE_FLAGS%",
        "detail": "%RESPONSE_CODE_DETAILS%",
        "ms": "%DURATION%",
        "replica": "%UPSTREAM_HOST%",
        "request_id": "%REQ(X-REQUEST-ID)%",
    }
    kind = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
    formatter = {
        "name": "envoy.formatter.req_without_query",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.formatter.req_without_query.v3"
            ".ReqWithoutQuery"
        },
    }
    form = {"json_format": line, "formatters": [formatter]}
    typed = {"@type": kind, "path": edge.access_log, "log_format": form}
    return {"name": "envoy.access_loggers.file", "typed_config": typed}


def _local_reply(row: tuple[int, int]) -> Part:
    status, code = row
    return _mapper({"op": "EQ", "value": {"default_value": status}}, code)


def _server_error() -> Part:
    return _mapper({"op": "GE", "value": {"default_value": 500}}, 14)


def _mapper(comparison: Part, code: int) -> Part:
    """A reply of Envoy's own as google.rpc.Status, where it is not gRPC's to read trailers."""
    comparison["value"]["runtime_key"] = f"edge.reply.{comparison['value']['default_value']}"
    grpc = {"name": "content-type", "string_match": {"prefix": "application/grpc"}}
    not_grpc: Part = {**grpc, "invert_match": True, "treat_missing_header_as_empty": True}
    transcoded: Part = {"name": "x-envoy-original-path", "present_match": True}
    rest = {"or_filter": {"filters": [{"header_filter": {"header": header}}
                                      for header in (transcoded, not_grpc)]}}  # fmt: skip
    fits = {"and_filter": {"filters": [{"status_code_filter": {"comparison": comparison}}, rest]}}
    body = {"code": code, "message": "%LOCAL_REPLY_BODY%", "details": []}
    return {"filter": fits, "body_format_override": {"json_format": body}}


def _routes(edge: Edge) -> Part:
    # After transcoding each request has a gRPC path. A stream has no timeout but its client's.
    streams: Part = {
        "cluster": CLUSTER,
        "timeout": "0s",
        "max_stream_duration": {"grpc_timeout_header_max": "300s"},
        # What no replica has begun to work on may go to another.
        "retry_policy": {
            "retry_on": "connect-failure,refused-stream",
            "num_retries": 3,
            "retry_host_predicate": [
                {
                    "name": "envoy.retry_host_predicates.previous_hosts",
                    "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts"
                        ".v3.PreviousHostsPredicate"
                    },
                }
            ],
            "host_selection_retry_max_attempts": 10,  # the dead have the least to do
        },
    }
    routes: list[Part] = [
        {"match": {"prefix": f"/{service}/"}, "route": streams} for service in edge.services
    ]
    watched = {"cluster": CLUSTER, "timeout": "0s"}  # health is watched for as long as one likes
    routes.append({"match": {"prefix": "/grpc.health.v1.Health/"}, "route": watched})
    # CORS is decided before transcoding, by the policy of the route of the REST path.
    routes += [{"match": {"prefix": prefix}, "route": {"cluster": CLUSTER}} for prefix in edge.rest]
    host = {
        "name": "all",
        "domains": ["*"],
        "typed_per_filter_config": {"envoy.filters.http.cors": _cors(edge)},
        "request_headers_to_remove": [*edge.headers_to_remove],
        "routes": routes,
    }
    return {"name": "edge", "virtual_hosts": [host]}


def _cors(edge: Edge) -> Part:
    return {
        "@type": _type("http.cors.v3.CorsPolicy"),
        "allow_origin_string_match": [{"safe_regex": {"regex": origin}} for origin in edge.origins],
        "allow_methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        "allow_headers": ",".join(REQUEST_HEADERS),
        "expose_headers": ",".join(RESPONSE_HEADERS),
        "max_age": "600",
    }


def _http_filters(edge: Edge) -> list[Part]:
    """In an order that counts: tokens after transcoding, so that one rule covers REST as well."""
    wanted: list[tuple[str, Part]] = [
        ("cors", {"@type": _type("http.cors.v3.Cors")}),
        ("local_ratelimit", _rate_limit(edge)),
        ("grpc_web", {"@type": _type("http.grpc_web.v3.GrpcWeb")}),
        ("grpc_json_transcoder", _transcoder(edge)),
    ]
    if edge.jwt is not None:
        wanted.append(("jwt_authn", _jwt(edge, edge.jwt)))
    stats = {"@type": _type("http.grpc_stats.v3.FilterConfig"), "stats_for_all_methods": True}
    wanted.append(("grpc_stats", stats))
    wanted.append(("router", {"@type": _type("http.router.v3.Router")}))
    return [{"name": f"envoy.filters.http.{name}", "typed_config": part} for name, part in wanted]


def _rate_limit(edge: Edge) -> Part:
    always = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    bucket = {"max_tokens": edge.rate, "tokens_per_fill": edge.rate, "fill_interval": "1s"}
    return {
        "@type": _type("http.local_ratelimit.v3.LocalRateLimit"),
        "stat_prefix": "edge",
        "token_bucket": bucket,
        "filter_enabled": always,
        "filter_enforced": always,
        "rate_limited_as_resource_exhausted": True,
    }


def _transcoder(edge: Edge) -> Part:
    return {
        "@type": _type("http.grpc_json_transcoder.v3.GrpcJsonTranscoder"),
        "proto_descriptor": str(edge.descriptors),
        "services": [*edge.services],
        "convert_grpc_status": True,
        "query_param_unescape_plus": True,  # a form's space
        "request_validation_options": {
            "reject_unknown_method": True,
            "reject_unknown_query_parameters": True,
            # Else an id in the body would win over the one in the path, past any check of paths.
            "reject_binding_body_field_collisions": True,
        },
        "print_options": {"always_print_primitive_fields": True},
    }


def _jwt(edge: Edge, jwt: Jwt) -> Part:
    provider = {
        "issuer": jwt.issuer,
        "audiences": [jwt.audience],
        "local_jwks": {"filename": str(jwt.jwks)},
        "forward": True,  # the service looks at it as well
    }
    rules = [
        {"match": {"prefix": f"/{service}/"}, "requires": {"provider_name": "tokens"}}
        for service in edge.services
    ]
    kind = _type("http.jwt_authn.v3.JwtAuthentication")
    return {"@type": kind, "providers": {"tokens": provider}, "rules": rules}


def _cluster(edge: Edge) -> Part:
    http2 = {
        "http2_protocol_options": {"connection_keepalive": {"interval": "30s", "timeout": "5s"}}
    }
    kind = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    protocol = {"@type": f"type.googleapis.com/{kind}", "explicit_http_config": http2}
    endpoints = [{"endpoint": {"address": _address(*_split(at))}} for at in edge.replicas]
    interval = f"{edge.health_interval}s"
    cluster: Part = {
        "name": CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "lb_policy": "LEAST_REQUEST",
        # Who dies or comes is known to all at once; by default, up to a second later.
        "common_lb_config": {"update_merge_window": "0s"},
        "typed_extension_protocol_options": {kind: protocol},
        "load_assignment": {"cluster_name": CLUSTER, "endpoints": [{"lb_endpoints": endpoints}]},
        "health_checks": [
            {
                "timeout": "1s",
                "interval": interval,
                "no_traffic_interval": interval,
                "unhealthy_threshold": 1,
                "healthy_threshold": 1,
                "grpc_health_check": {"service_name": edge.services[0]},
            }
        ],
        "circuit_breakers": {
            "thresholds": [
                {
                    "max_connections": 64,
                    "max_pending_requests": 512,
                    "max_requests": 4096,
                    "retry_budget": {  # three at once, the default, are fewer than one death costs
                        "budget_percent": {"value": 50},
                        "min_retry_concurrency": 64,
                    },
                }
            ]
        },
        "outlier_detection": {
            "consecutive_5xx": 5,
            "consecutive_gateway_failure": 5,
            "successful_active_health_check_uneject_host": False,  # it may fail and look healthy
            "interval": "1s",
            "base_ejection_time": f"{edge.ejection}s",
            "max_ejection_percent": 50,  # with all of them ejected nobody would be served
        },
    }
    return cluster | ({"transport_socket": _upstream_tls(edge.tls)} if edge.tls else {})


def _upstream_tls(tls: Tls) -> Part:
    def from_file(name: str) -> Part:
        source = {
            "path": str(tls.folder / f"{name}.json"),
            "watched_directory": {"path": str(tls.folder)},
        }
        return {"name": name, "sds_config": {"path_config_source": source}}

    name = {"san_type": "DNS", "matcher": {"exact": REPLICA}}
    context = {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        "sni": REPLICA,
        "common_tls_context": {
            "alpn_protocols": ["h2"],
            "tls_certificate_sds_secret_configs": [from_file("certificate")],
            "combined_validation_context": {
                "default_validation_context": {"match_typed_subject_alt_names": [name]},
                "validation_context_sds_secret_config": from_file("authority"),
            },
        },
    }
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _address(host: str, port: int) -> Part:
    return {"socket_address": {"address": host, "port_value": port}}


def _type(name: str) -> str:
    return f"{FILTERS}.{name}"
