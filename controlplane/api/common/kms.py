"""Keys of a KMS that callers name.

Source: the API reference, KmsKeyId and InvalidKMSKeyFault.
"""

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.questions import kms_key


def checked_kms_key(context: Context, params: Params) -> str:
    """The key that a request names; empty when it names none. Fault when nothing can be encrypted with it."""
    key = params.get("KmsKeyId") or ""
    if key and (reason := context.answers.to(kms_key(key, context.caller.region))):
        raise Fault("InvalidKMSKeyFault", f"{reason[:1].upper()}{reason[1:]}.")
    return key
