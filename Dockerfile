# One image for all processes of mkt; docker-compose.yml says which command each container runs.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    MKT_HOME=/var/lib/mkt

WORKDIR /app

# First what changes seldom: the packages, each with its hash. One lock for all, so the tests can run in the image too.
COPY requirements.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY . .
# Editable: `mkt up` reads the Procfile that lies beside the packages.
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && useradd --system --uid 10001 --no-create-home --home-dir /var/lib/mkt mkt \
    && install --directory --owner=mkt --mode=0700 /var/lib/mkt

USER mkt
VOLUME /var/lib/mkt
CMD ["mkt", "--help"]
