# Node 24 gets fixes until April 2028 (22 only until April 2027), and Debian 13 longer than that. Nothing in the
# production dependencies is native, so any other base with Node 20.19 or newer does as well.
ARG NODE_IMAGE=node:24-trixie-slim


FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts, here and below: what is needed has none, and nobody else's code runs as root.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=optional --ignore-scripts --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY migrations ./migrations
COPY src ./src
RUN npm run build


# Without the optional dependencies there is no embedded PostgreSQL: the image needs DATABASE_URL.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund


FROM ${NODE_IMAGE} AS production
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Holdfast" \
      org.opencontainers.image.description="Sells a limited number of tickets to more people than there are tickets, and never oversells." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# AUTH and DATABASE_URL are missing on purpose: whoever runs the image says them, or it stops with exit code 78.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000

# Everything belongs to root and the service writes no file: it runs with a read-only file system.
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node

EXPOSE 3000

# Alive, not ready: what restarts unhealthy containers must not restart them all because the database is away.
# Whether requests should be sent here, proxies and orchestrators ask at /health/ready. There is no curl in the image.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["node", "-e", "require('node:http').get({ host: '127.0.0.1', port: process.env.PORT, path: '/health/live' }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]

# Node itself is process 1, so that the signal reaches it: it answers what has begun and ends within SHUTDOWN_SECONDS.
# As process 1 it would miss a signal in its first second, before it listens for it; `docker run --init` covers that too.
STOPSIGNAL SIGTERM
CMD ["node", "--max-semi-space-size=32", "--heap-growing-percent=150", "dist/src/main.js"]
