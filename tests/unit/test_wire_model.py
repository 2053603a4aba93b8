"""The codec against botocore's own: what its serializer writes we read, what we write its parser reads."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.parsers import QueryParser
from botocore.serialize import QuerySerializer

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire import faults, form, query, service, xml
from cachewright.controlplane.wire.tagging import response

RAW = Loader().load_service_model("elasticache", "service-2")
MODEL = ServiceModel(RAW, "elasticache")
OPERATIONS = sorted(MODEL.operation_names)
FAULTS = sorted(name for name, shape in RAW["shapes"].items() if shape.get("exception"))

TEXTS = ("a", "Grüße, 世界 🎉", "a&b=c+d%20e;f", "<b>&amp;</b> ]]> \"q\" 'r'", " two\n\tlines\r\n ", "0001", "x" * 300)
EXAMPLES = {  # of every pattern in the model
    r"\d+": ("1", "0001"),
    "[a-zA-Z]*": ("redis", "VALKEY"),
    r"[a-zA-Z][a-zA-Z0-9\-]*": ("u", "User-1"),
    r".*\S.*": ("on ~* +@all", "\n -@all \n"),
}


def sample(shape: Shape, random: Random, whole: bool) -> object:
    """A value that the shape allows: `whole` with all its members, else with the required ones and some others."""
    match shape.type_name:
        case "structure":
            names = [name for name in shape.members if whole or name in shape.required_members or random.random() < 0.3]
            return {name: sample(shape.members[name], random, whole) for name in names or list(shape.members)[:1]}
        case "list":
            least = 1 if whole else shape.metadata.get("min", 0)
            return [sample(shape.member, random, whole) for _ in range(random.randint(least, 3))]
        case "string":
            pattern = EXAMPLES.get(shape.metadata.get("pattern", ""))
            return random.choice(shape.enum or pattern or TEXTS)
        case "boolean":
            return random.random() < 0.5
        case "integer":
            return random.choice((0, 1, -1, 6379, 2**31 - 1, -(2**31)))
        case "double":
            return random.choice((0.0, 97.0, -0.25, 1e-9, 1e22))
        case "timestamp":
            return datetime(2019, 11, 26, 1, 22, 52, random.randrange(1000) * 1000, UTC)
    raise AssertionError(shape)


def samples(shape: Shape | None, operation: str) -> list[Any]:
    if shape is None or not shape.members:
        return [{}]
    random = Random(operation)
    return [sample(shape, random, whole) for whole in (True, False, False, False)]


def without_words(part: Any) -> Any:
    """A part of the model, without what people read."""
    if isinstance(part, dict):
        kept = {name: value for name, value in part.items() if name != "documentation" or not isinstance(value, str)}
        return {name: without_words(value) for name, value in kept.items()}
    return [*map(without_words, part)] if isinstance(part, list) else part


def test_is_the_newest_model_of_botocore() -> None:
    assert RAW["metadata"]["apiVersion"] == service.API_VERSION
    assert RAW["metadata"]["xmlNamespace"] == service.NAMESPACE
    assert service.shapes() == without_words(RAW["shapes"])
    assert len(service.operations()) == len(OPERATIONS) == 77


def test_reads_what_botocore_writes() -> None:
    serializer = QuerySerializer()
    for operation in OPERATIONS:
        model = MODEL.operation_model(operation)
        for params in samples(model.input_shape, operation):
            body = urlencode(serializer.serialize_to_request(params, model)["body"]).encode()
            fields = form.fields(b"", "application/x-www-form-urlencoded; charset=utf-8", body)
            assert query.parse(fields) == query.Request(operation, params)


def test_writes_what_botocore_reads() -> None:
    for operation in OPERATIONS:
        shape = MODEL.operation_model(operation).output_shape
        for result in samples(shape, operation):
            body = xml.response(operation, result, "an-id")
            parsed = QueryParser().parse({"status_code": 200, "headers": {}, "body": body}, shape)
            assert parsed.pop("ResponseMetadata")["RequestId"] == "an-id", operation
            assert parsed == result, operation


def test_every_fault_has_the_code_and_status_of_the_model() -> None:
    for shape in FAULTS:
        status, body = xml.error(Fault(shape, "a <message>"), "an-id")
        parsed = QueryParser().parse({"status_code": status, "headers": {}, "body": body}, None)
        declared = RAW["shapes"][shape]["error"]
        assert parsed["Error"] == {"Type": "Sender", "Code": declared["code"], "Message": "a <message>"}
        assert parsed["ResponseMetadata"]["RequestId"] == "an-id"
        assert status == declared["httpStatusCode"], shape


def test_every_fault_that_the_control_plane_raises_is_known() -> None:
    for path in (Path(faults.__file__).parents[1]).rglob("*.py"):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)) if "Fault(" in source else ():
            match node:
                case ast.Call(func=ast.Name(id="Fault"), args=[ast.Constant(value=str(shape)), *_]):
                    assert shape in response.CODES or faults.code_and_status(shape), path


def test_no_operation_has_a_parameter_of_the_protocol() -> None:
    for operation in service.operations().values():
        members = service.shapes()[operation.input]["members"]
        assert not members.keys() & query.PROTOCOL
        assert not [name for name in members if name.lower().startswith("x-amz-")]


def test_moments_of_other_zones_are_written_in_utc() -> None:
    moment = datetime.fromisoformat("2019-11-26T03:22:52.396789+02:00")
    assert xml.timestamp(moment) == "2019-11-26T01:22:52.396Z"
    assert moment.utcoffset() == timedelta(hours=2)
