"""The one scrubber, injected into every sink: logs, events, Slack text, stderr tails, tracebacks.

- ``redactor`` `Redactor` and `StreamScrubber`, what the sinks use
- ``forms``    how one secret may be written: base64, hex, escaped, ...
- ``known``    finds known secrets, in any of their forms
- ``shapes``   finds what looks like a token or a private key, known or not

::

    ValueError
    └── SecretTooShort    a secret so short that scrubbing it would mangle ordinary text
"""

from bot.redaction.forms import SecretTooShort
from bot.redaction.redactor import Redactor, StreamScrubber

__all__ = ["Redactor", "SecretTooShort", "StreamScrubber"]
