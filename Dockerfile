# The site and its worker in one image: docs/operations.md, "In containers". Nothing in it depends on the processor.
ARG PYTHON=3.13-slim-trixie

FROM docker.io/library/python:${PYTHON} AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON=/usr/local/bin/python UV_PYTHON_DOWNLOADS=0
RUN python -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9
# For `backup` and `restore`: without the rest of the package, which is larger than the application. The version is
# Debian's, and that of compose.yaml's database.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 && \
    install -D -t /postgresql /usr/lib/postgresql/17/bin/pg_dump /usr/lib/postgresql/17/bin/pg_restore \
    /usr/lib/postgresql/17/bin/psql
WORKDIR /app
COPY pyproject.toml uv.lock ./
ARG EXTRAS="postgres redis"
# hadolint ignore=SC2046
RUN /opt/uv/bin/uv sync --frozen --no-dev $(printf -- '--extra %s ' $EXTRAS)
COPY manage.py LICENSE ./
COPY newsroom newsroom
COPY accounts accounts
COPY articles articles
COPY comments comments
RUN .venv/bin/python -m compileall -q newsroom accounts articles comments

FROM docker.io/library/python:${PYTHON}
LABEL org.opencontainers.image.title="Newsroom" \
      org.opencontainers.image.description="A self-hosted comment and discussion backend for news sites" \
      org.opencontainers.image.licenses="BSD-3-Clause"
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 NEWSROOM_DATA=/data
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 libreadline8t64 && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=build /postgresql /usr/local/bin/
RUN install -d -o 10001 -g 10001 -m 0700 /data /secrets
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve", "--host", "0.0.0.0"]
