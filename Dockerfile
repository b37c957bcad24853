# The product without PostgreSQL and Valkey of its own: compose.yaml runs them beside it.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore DIAGNOSTICS_DATA=/data

RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin diagnostics \
    && install -d -m 0700 -o diagnostics -g diagnostics /data

WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/base.txt

COPY manage.py LICENSE ./
COPY project project
COPY diagnostics diagnostics
COPY alerts alerts
COPY sessions_app sessions_app
COPY templates templates
COPY tools/healthcheck.py tools/healthcheck.py

USER diagnostics
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "project.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--http", "project.http_protocol:BoundedHttp", "--log-level", "warning", "--no-access-log", "--no-server-header", "--lifespan", "off", \
     "--ws-max-size", "65536", "--timeout-graceful-shutdown", "5", "--timeout-worker-healthcheck", "30"]
