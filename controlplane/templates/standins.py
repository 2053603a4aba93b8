"""What stands for that which is left alone: made up, well-formed, and the same each time."""

from collections.abc import Mapping
from hashlib import sha256

_BY_TYPE: Mapping[str, str] = {  # what ids of a type begin with
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::SecurityGroup": "sg",
    "AWS::EC2::VPC": "vpc",
    "AWS::EC2::RouteTable": "rtb",
    "AWS::EC2::Instance": "i",
    "AWS::EC2::InternetGateway": "igw",
}
_BY_ATTRIBUTE: Mapping[str, str] = {"GroupId": "sg", "VpcId": "vpc", "SubnetId": "subnet", "DefaultSecurityGroup": "sg"}
_ARNS: Mapping[str, str] = {  # of types whose Ref is an ARN, or that are mostly asked for theirs
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{uuid}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::KinesisFirehose::DeliveryStream": "arn:aws:firehose:{region}:{account}:deliverystream/{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
}
_REF_IS_ARN = frozenset({"AWS::SNS::Topic", "AWS::SecretsManager::Secret"})
_PARAMETERS: Mapping[str, str] = {
    "AWS::EC2::Subnet::Id": "subnet",
    "AWS::EC2::SecurityGroup::Id": "sg",
    "AWS::EC2::VPC::Id": "vpc",
}
_PARTS = 2  # of a list of ids that is made up


def stand_in(kind: str, place: Mapping[str, str], logical: str, attribute: str = "") -> str:
    """What `Ref`, or the attribute of `Fn::GetAtt`, of a resource that is left alone is. `place` has the `stack`, the
    `account` and the `region`.
    """
    digest = _digest(place["stack"], logical)
    name = f"{place['stack']}-{logical}-{digest[:12].upper()}"
    words = {**place, "name": name, "uuid": _uuid(digest)}
    if attribute in _BY_ATTRIBUTE:
        return f"{_BY_ATTRIBUTE[attribute]}-{digest[:17]}"
    if attribute.endswith("Arn") or (not attribute and kind in _REF_IS_ARN):
        return _ARNS.get(kind, _arn_form(kind)).format(**words)
    if attribute:
        return f"{name}-{attribute}"
    if kind == "AWS::KMS::Key":
        return words["uuid"]
    return f"{_BY_TYPE[kind]}-{digest[:17]}" if kind in _BY_TYPE else name


def stand_in_for_parameter(kind: str, stack: str, name: str) -> str:
    """What a parameter is that means something of AWS and that nobody gave; of a list, its parts with commas."""
    prefix = _PARAMETERS.get(kind.removeprefix("List<").rstrip(">"))
    numbers = map(str, range(_PARTS if kind.startswith("List<") else 1))
    return ",".join(
        f"{prefix}-{_digest(stack, name, number)[:17]}" if prefix else f"{stack}-{name}-{number}" for number in numbers
    )


def _arn_form(kind: str) -> str:
    service = kind.split("::")[1].lower() if kind.count("::") > 1 else "custom"
    return f"arn:aws:{service}:{{region}}:{{account}}:{{name}}"


def _digest(*words: str) -> str:
    return sha256("/".join(words).encode()).hexdigest()


def _uuid(digest: str) -> str:
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
