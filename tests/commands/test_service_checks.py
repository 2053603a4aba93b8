"""What `cachewright doctor` says of the endpoints of AWS services."""

import socket

from cachewright.controlplane.commands.checks import Mark
from cachewright.controlplane.commands.service_checks import services
from cachewright.controlplane.settings import Settings


def test_without_endpoints_there_is_nothing_to_say() -> None:
    assert list(services(Settings())) == []


def test_somebody_listens_or_nobody_does() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        (there,) = services(Settings(cloudwatch_endpoint=url))
    (gone,) = services(Settings(cloudwatch_endpoint=url))
    assert (there.subject, there.mark) == ("cloudwatch endpoint", Mark.GOOD)
    assert (gone.mark, "refused" in gone.words) == (Mark.DOUBTFUL, True)
    assert "CACHEWRIGHT_CLOUDWATCH_ENDPOINT" in gone.remedy


def test_each_endpoint_has_a_line_and_a_host_that_nobody_knows_is_told() -> None:
    found = list(services(Settings(kms_endpoint="http://127.0.0.1:1", sns_endpoint="https://nobody.invalid")))
    assert [one.subject for one in found] == ["kms endpoint", "sns endpoint"]
    assert {one.mark for one in found} == {Mark.DOUBTFUL}
