FROM node:22-bookworm-slim AS front-end
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json ./
RUN npm ci
COPY static static
RUN node static/build.mjs

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/faultwalk
COPY requirements/app.txt requirements/app.txt
RUN pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements/app.txt
COPY LICENSE ./
COPY engine engine
COPY app app
COPY scenarios scenarios
COPY templates templates
COPY docs docs
COPY messages messages
COPY stories stories
COPY static static
COPY --from=front-end /build/static/dist static/dist
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin faultwalk \
    && install -d -o 10001 /var/lib/faultwalk
ENV FAULTWALK_DATA=/var/lib/faultwalk FAULTWALK_LOG=json
VOLUME /var/lib/faultwalk
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["python", "-m", "app", "--host", "0.0.0.0", "--port", "8000"]
