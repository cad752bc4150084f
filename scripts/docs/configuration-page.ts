import { settings } from '../../packages/server/src/index.ts'

/** docs/configuration.md, from the schema that checks the settings. */
export function configurationPage(): string {
  const rows = Object.entries(settings).map(([option, setting]) => {
    const { env, schema, description } = setting
    const unit = 'unit' in setting ? ` (${setting.unit})` : ''
    const empty = schema.safeParse(undefined)
    const value = empty.success ? describe(empty.data) : '**required**'
    const fallback = option === 'hashConcurrency' ? 'number of cores' : value
    return `| \`${env}\` | \`${option}\` | ${fallback}${empty.success ? unit : ''} | ${description} |`
  })
  return `<!-- Generated from packages/server/src/config/config.ts by \`npm run docs\`. -->

# Configuration

Three processes, each with its own settings. A setting that is missing or wrong stops the start of the auth server and of your API, with one line that says how to fix it. Next reads its settings at the first request: [\`requireSettings\`](production/standalone.md#a-wrong-setting-ends-the-process-at-the-start) checks them at the start.

## The auth server

By environment for \`sallyport serve\`, by option for \`createSallyport(options)\`.

| variable | option | default | meaning |
|---|---|---|---|
${rows.join('\n')}

## The Next app

Read by \`createAuth()\` and \`authProxy()\`; every one can be passed as an option instead. An unknown option is a \`TypeError\` when they are called (\`packages/next/src/config/known-options.test.ts\`).

| variable | option | default | meaning |
|---|---|---|---|
| \`SALLYPORT_URL\` | \`server\` | **required** | Where Next reaches the auth server. |
| \`SALLYPORT_ISSUER\` | \`issuer\` | \`server\` | The issuer that tokens must name, if its public address is another. |
| \`SALLYPORT_AUDIENCE\` | \`audience\` | **required** | The name by which tokens are meant for these pages. |
| \`APP_URL\` | \`app\` | **required** | The public origin of the pages: decides cookies, \`Origin\` checks and redirects. https, or http on localhost. A list with patterns for [preview deployments](proxy.md#preview-deployments). |
| \`SALLYPORT_COOKIE_DOMAIN\` | \`cookieDomain\` | none | Only where pages and API share a parent domain: the same as at the auth server. See [topologies](topologies.md#shared-parent-domain). |
| \`API_URL\` | \`api\` | none | Where Next reaches your API. |
| | \`apiPaths\` | none | The API's paths that the browser may reach through \`/api\`, each with all below it. |
| | \`apis\` | none | More APIs, each with an address, paths and an audience of its own. See [several APIs](calling-your-api.md#several-apis). |
| | \`apiTimeouts\` | \`{ connectSeconds: 10, answerSeconds: 60, silenceSeconds: 300 }\` | How long \`/api\` waits for the API, from the last byte that went either way; 0 is no limit. See [pass-through](pass-through.md#time-outs). |
| | \`trustApiDocuments\` | \`false\` | Whether scripts in the API's HTML, SVG and XML may run on the origin of the pages. See [pass-through](pass-through.md#documents). |
| \`SALLYPORT_FRONTEND_SECRET\` | \`frontendSecret\` | none | Proves to the auth server that this is our front end. Needed in production; of a list, the first is sent. |
| \`SALLYPORT_VERIFIER_SECRET\` | \`verifierSecret\` | none | Opens the revocation feed. Needed in production; without it an ended session's pages open until its token expires. |
| | \`loginPath\` | \`/login\` | The page with the sign-in form: a path, or a function of the page's path. See [paths](paths.md#locales). |
| | \`loginBasePath\` | the app's own | The \`basePath\` of the app that has the sign-in page. See [paths](paths.md#multi-zones). |
| | \`homePath\` | \`/dashboard\` | Default page after sign-in. |
| | \`refreshBeforeExpirySeconds\` | 60 (seconds) | How early an access token is renewed. |
| | \`clockToleranceSeconds\` | 5 (seconds, 0 to 300) | How far the auth server's clock may be ahead of the clock of the pages. \`createAuth\` and \`authProxy\` take the same. See [clocks](clocks.md). |
| | \`serverTimeoutSeconds\` | 10 (seconds) | How long to wait for the auth server. |
| \`SALLYPORT_TRUSTED_PROXY_HOPS\` | \`trustedProxyHops\` | 0 (hops) | How many reverse proxies stand before Next and append to \`X-Forwarded-For\`. 0: trust none; then all visitors share the [throttle](throttles.md#whose-network-it-is) of one network. |
| | \`publicPaths\` (\`authProxy\` only) | none | Paths that anybody may see: exact, or all below one that ends in \`/*\`. See [paths](paths.md#public-paths). |
| | \`protect\` (\`authProxy\` only) | none | Roles and permissions by path, with a real 403 or 404. See [rules by path](proxy.md#rules-by-path). |
| | \`refusedPage\` (\`authProxy\` only) | a small page | Makes the page that people see whom such a rule refuses. |
| | \`webhookPaths\` (\`authProxy\` only) | none | Paths that take requests from other services and sites, without cookies. See [webhooks](proxy.md#webhooks-and-payment-returns). |
| | \`next\` (\`authProxy\` only) | none | A proxy that runs behind ours, such as next-intl's. See [another proxy](proxy.md#another-proxy). |
| | \`adopt\` (\`authProxy\` only) | none | Takes over the sessions of NextAuth. See [from NextAuth](migrate-from-next-auth.md). |

## Your API

The options of \`createVerifier()\`: [reference](reference/verify.md#verifieroptions). Two are needed: \`issuer\` and \`audience\`. Add \`feed: { credential: process.env.SALLYPORT_VERIFIER_SECRET }\` so that ended sessions are refused at once. With \`NODE_ENV=production\` a verifier without it does not start unless it has \`feed: false\`, and a credential that is missing or empty is an error everywhere.

## The example

\`npm start\` reads \`WEB_PORT\` (3000), \`AUTH_PORT\` (4000), \`API_PORT\` (4100), \`HOST\` (127.0.0.1) and \`DATA_DIR\` (\`.data\`). Its pages ask users to verify their email address if \`ASK_TO_VERIFY_EMAIL\` is 1, which follows from \`SALLYPORT_EMAIL_VERIFICATION\` unless you set it. Secrets that are not set are generated once into the data folder, except with \`NODE_ENV=production\`, which also refuses the demo accounts. Its pages report the address of the connection, whatever \`X-Forwarded-For\` a visitor sends ([\`start.test.ts\`](../tests/start/start.test.ts)). Behind a proxy, set \`SALLYPORT_TRUSTED_PROXY_HOPS\`; with \`NODE_ENV=production\` no address is known until you do.
`
}

function describe(value: unknown): string {
  if (
    value === undefined ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
  )
    return 'none'
  return `\`${Array.isArray(value) ? value.join(',') : String(value)}\``
}
