"""The service: from a gesture in Slack to a turn everybody can see.

- ``settings``   every knob, validated at boot
- ``redaction``  the one scrubber, injected into every sink
- ``logs``       JSON lines, scrubbed
- ``init_files`` the files `reins init` writes
- ``core``       the decisions, pure
- ``engine``     the dispatcher and the actors
- ``slack``      intake, render, delivery, surface
- ``localslack`` an embedded Slack, for trying and testing
"""
