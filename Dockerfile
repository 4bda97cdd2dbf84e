# The command in a container, as a user who is not root. What lasts lies outside: the campaigns under /calls, the ledger
# under /ledger. Build it in the checkout: docker build -t dialer .
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements-image.txt ./
RUN python -m venv /opt/dialer && /opt/dialer/bin/pip install --no-cache-dir --require-hashes -r requirements-image.txt
COPY pyproject.toml README.md ./
COPY dialer dialer
COPY docs docs
RUN /opt/dialer/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
COPY --from=build /opt/dialer /opt/dialer
RUN useradd --uid 1000 --create-home dialer && install -d -o dialer -m 700 /ledger /calls
ENV PATH=/opt/dialer/bin:$PATH DIALER_LEDGER=/ledger/ledger.db
USER 1000
WORKDIR /calls
VOLUME ["/ledger"]
# The exec form: signals reach the command itself, which finishes what is in flight.
ENTRYPOINT ["dialer"]
CMD ["--help"]
