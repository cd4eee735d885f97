# docker build --build-arg HARNESSES="claude-code" -t reins .
# docker run --env-file reins.env -v ./reins.toml:/etc/reins/reins.toml:ro -v reins:/var/lib/reins reins
# trixie has the Node.js 20 that the harnesses need.
FROM python:3.11-slim-trixie

# tini reaps what harnesses leave behind; git is for the harnesses.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git tini \
    && rm -rf /var/lib/apt/lists/*

COPY requirements/run.txt /tmp/run.txt
RUN pip install --no-cache-dir --require-hashes -r /tmp/run.txt && rm /tmp/run.txt

# The sources as they are: building a package would fetch build tools that no hash pins.
COPY bot /opt/reins/bot
COPY harnesses /opt/reins/harnesses
COPY storage /opt/reins/storage
RUN printf '#!/bin/sh\nexec python -m bot "$@"\n' > /usr/local/bin/reins \
    && chmod 755 /usr/local/bin/reins \
    && python -m compileall -q /opt/reins \
    && useradd --system --uid 10001 --home-dir /var/lib/reins --create-home reins
ENV PYTHONPATH=/opt/reins PYTHONUNBUFFERED=1 PYTHONSAFEPATH=1 \
    REINS_HOME=/var/lib/reins REINS_CONFIG=/etc/reins/reins.toml

# Names as in `reins harness list`, separated by spaces. They are installed under REINS_HOME: a named volume there
# starts as a copy of it, a directory of the host hides it (then run `reins harness install` once in the container).
ARG HARNESSES=""
RUN if [ -n "$HARNESSES" ]; then \
        apt-get update && apt-get install --yes --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*; \
    fi
USER reins
WORKDIR /var/lib/reins
RUN set -e; for name in $HARNESSES; do reins harness install "$name"; done

HEALTHCHECK --interval=60s --timeout=20s --start-period=60s CMD ["reins", "doctor"]
ENTRYPOINT ["tini", "--", "reins"]
CMD ["run"]
