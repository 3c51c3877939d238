# syntax=docker/dockerfile:1
FROM node:24-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-progress
COPY dashboard/web dashboard/web
COPY ingest/tracker ingest/tracker
RUN npm run build

FROM python:3.11-slim AS packages
WORKDIR /build
COPY pyproject.toml hatch_build.py README.md LICENSE pegel.py ./
COPY ingest ingest
COPY dashboard dashboard
COPY sql sql
COPY --from=assets /build/dashboard/static dashboard/static
COPY --from=assets /build/ingest/built ingest/built
RUN --mount=type=cache,target=/root/.cache/pip python -m venv /opt/pegel && /opt/pegel/bin/pip install .

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Pegel" \
      org.opencontainers.image.description="Self-hosted, privacy-friendly web analytics that takes the place of a Matomo server." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.1.0"
RUN useradd --system --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin pegel \
    && install --directory --owner pegel --group pegel --mode 0700 /data \
    && install --directory /etc/pegel
COPY --from=packages /opt/pegel /opt/pegel
COPY deploy/healthy.py /opt/pegel/healthy.py
ENV PATH=/opt/pegel/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PEGEL_DATA=/data \
    PEGEL_COLLECT_LISTEN=0.0.0.0:8000 \
    PEGEL_DASHBOARD_LISTEN=0.0.0.0:8001
USER pegel
# A pegel.toml that is mounted here is read.
WORKDIR /etc/pegel
VOLUME /data
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "/opt/pegel/healthy.py", "8000", "8001"]
ENTRYPOINT ["pegel"]
CMD ["serve"]
