# The auth server. The context is a folder with package.json (which depends on `sallyport`), package-lock.json and, if you have
# one, sallyport.config.ts. docs/production/docker.md
ARG BASE=node:24-slim

FROM ${BASE} AS build
WORKDIR /app
COPY . .
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE}
ENV NODE_ENV=production HOST=0.0.0.0 AUTH_PORT=4000 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app ./
# A new volume gets the owner of this folder.
RUN mkdir /data && chown 1000:1000 /data
VOLUME /data
# The user `node` of the official image.
USER 1000:1000
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=40s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.AUTH_PORT + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Start Node directly, without npm or a shell, so that Node gets SIGTERM.
CMD ["node", "node_modules/sallyport/dist/main.js", "serve"]
