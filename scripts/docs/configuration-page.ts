import { settings } from '../../packages/server/src/index.ts'

/** Creates docs/configuration.md from the schema that checks the settings. */
export function configurationPage(): string {
  const rows = Object.entries(settings).map(([option, setting]) => {
    const { env, schema, description } = setting
    const unit = 'unit' in setting ? ` (${setting.unit})` : ''
    const empty = schema.safeParse(undefined)
    const value = empty.success ? describe(empty.data) : '**required**'
    const fallback = option === 'hashConcurrency' ? 'number of cores' : value
    return `| \`${env}\` | \`${option}\` | ${fallback}${empty.success ? unit : ''} | ${description} |`
  })
  return `<!-- Generated from packages/server/src/config/settings/ by \`npm run docs\`. -->

# Configuration

There are three processes, each with its own settings. The auth server and your API do not start with a missing or wrong setting, and print one line that says how to fix it. Next reads its settings at the first request; [\`requireSettings\`](production/standalone.md#a-wrong-setting-ends-the-process-at-the-start) checks them at start.

## The auth server

Environment variables for \`sallyport serve\`, options for \`createSallyport(options)\`.

| variable | option | default | meaning |
|---|---|---|---|
${rows.join('\n')}

## The Next app

\`createAuth()\` and \`authProxy()\` read these; each can be passed as an option instead. An unknown option is a \`TypeError\` (\`packages/next/src/config/known-options.test.ts\`).

| variable | option | default | meaning |
|---|---|---|---|
| \`SALLYPORT_URL\` | \`server\` | **required** | The address at which Next reaches the auth server. |
| \`SALLYPORT_ISSUER\` | \`issuer\` | \`server\` | The issuer of the tokens, if the auth server's public address differs from \`server\`. |
| \`SALLYPORT_AUDIENCE\` | \`audience\` | **required** | The audience of these pages. |
| \`APP_URL\` | \`app\` | **required** | The public origin of the pages, for cookies, \`Origin\` checks and redirects. https, or http on localhost. A list with patterns for [preview deployments](proxy.md#preview-deployments). |
| \`SALLYPORT_COOKIE_DOMAIN\` | \`cookieDomain\` | none | Only if pages and API share a parent domain: the same as at the auth server. See [topologies](topologies.md#shared-parent-domain). |
| \`API_URL\` | \`api\` | none | The address at which Next reaches your API. |
| | \`apiPaths\` | none | The API's paths that the browser may call through \`/api\`, each with all paths below it. |
| | \`apis\` | none | More APIs, each with its own address, paths and audience. See [several APIs](calling-your-api.md#several-apis). |
| | \`apiTimeouts\` | \`{ connectSeconds: 10, answerSeconds: 60, silenceSeconds: 300 }\` | How long \`/api\` waits for the API, from the last byte in either direction; 0 means no limit. See [pass-through](pass-through.md#time-outs). |
| | \`trustApiDocuments\` | \`false\` | Whether scripts in the API's HTML, SVG and XML may run on the origin of the pages. See [pass-through](pass-through.md#documents). |
| \`SALLYPORT_FRONTEND_SECRET\` | \`frontendSecret\` | none | The credential of this front end at the auth server. Required in production; of a list, the first is sent. |
| \`SALLYPORT_VERIFIER_SECRET\` | \`verifierSecret\` | none | The credential for the revocation feed. Required in production; without it an ended session is accepted until its token expires. |
| | \`loginPath\` | \`/login\` | The page with the sign-in form: a path, or a function of the page's path. See [paths](paths.md#locales). |
| | \`loginBasePath\` | the app's own | The \`basePath\` of the app that has the sign-in page. See [paths](paths.md#multi-zones). |
| | \`homePath\` | \`/dashboard\` | Default page after sign-in. |
| | \`refreshBeforeExpirySeconds\` | 60 (seconds) | How long before its expiry an access token is renewed. |
| | \`clockToleranceSeconds\` | 5 (seconds, 0 to 300) | How far the auth server's clock may be ahead of the clock of the pages. Pass the same value to \`createAuth\` and \`authProxy\`. See [clocks](clocks.md). |
| | \`serverTimeoutSeconds\` | 10 (seconds) | How long to wait for the auth server. |
| \`SALLYPORT_TRUSTED_PROXY_HOPS\` | \`trustedProxyHops\` | 0 (hops) | The number of reverse proxies before Next that append to \`X-Forwarded-For\`. With 0 the header is ignored, and all visitors share the [throttle](throttles.md#whose-network-it-is) of one network. |
| | \`publicPaths\` (\`authProxy\` only) | none | Paths without a session check: exact paths, or all paths below one that ends in \`/*\`. See [paths](paths.md#public-paths). |
| | \`protect\` (\`authProxy\` only) | none | Roles and permissions by path, with a real 403 or 404. See [rules by path](proxy.md#rules-by-path). |
| | \`refusedPage\` (\`authProxy\` only) | a small page | Returns the page for a request that a rule refuses. |
| | \`webhookPaths\` (\`authProxy\` only) | none | Paths that accept requests from other services and sites, without cookies. See [webhooks](proxy.md#webhooks-and-payment-providers). |
| | \`next\` (\`authProxy\` only) | none | Another proxy that runs after ours, such as next-intl's. See [another proxy](proxy.md#another-proxy). |
| | \`adopt\` (\`authProxy\` only) | none | Converts sessions of NextAuth. See [from NextAuth](migrate-from-next-auth.md). |

## Your API

The options of \`createVerifier()\`: [reference](reference/verify.md#verifieroptions). \`issuer\` and \`audience\` are required. Add \`feed: { credential: process.env.SALLYPORT_VERIFIER_SECRET }\` so that ended sessions are refused at once. With \`NODE_ENV=production\` a verifier without \`feed\` does not start unless it has \`feed: false\`. A missing or empty credential is always an error.

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
