# syntax=docker/dockerfile:1

# The service alone: no compiler, no uv, no test tools, and no bundled PostgreSQL, so it asks for DATABASE_URL.
# It runs as any user id, on a read-only root, and needs no shell.

FROM python:3.13-slim-trixie AS build
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# The packages change seldom, the code often: one layer each.
COPY requirements/ requirements/
RUN --mount=type=cache,target=/root/.cache \
    pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt \
    && uv venv --quiet /opt/build \
    && uv pip sync --quiet --require-hashes --python /opt/build/bin/python requirements/build.txt \
    && uv venv --quiet /opt/fluxmig \
    && uv pip sync --quiet --require-hashes --compile-bytecode --python /opt/fluxmig/bin/python requirements/runtime.txt

COPY pyproject.toml README.md LICENSE ./
COPY migrations/ migrations/
COPY app/ app/
RUN /opt/build/bin/python -m hatchling build -t wheel \
    && uv pip install --quiet --no-deps --no-index --compile-bytecode --python /opt/fluxmig/bin/python dist/*.whl


FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="fluxmig" \
      org.opencontainers.image.description="Keeps Renovate's pull requests in the order in which a Flux cluster can take them" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/fluxmig /opt/fluxmig
ENV PATH=/opt/fluxmig/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    FLUXMIG_HOST=0.0.0.0 \
    FLUXMIG_LOG_FORMAT=json
WORKDIR /opt/fluxmig
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --start-interval=2s --retries=3 CMD ["fluxmig", "healthcheck"]
ENTRYPOINT ["fluxmig"]
CMD ["serve"]
