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

There are three processes, each with its own settings. If a setting is missing or wrong, the auth server and your API do not start, and print one line that says how to fix it. Next reads its settings at the first request. To check them at start, call [\`requireSettings\`](production/standalone.md#a-wrong-setting-ends-the-process-at-the-start).

## The auth server

\`sallyport serve\` reads the environment variables. \`createSallyport(options)\` takes the options.

| variable | option | default | meaning |
|---|---|---|---|
${rows.join('\n')}

## The Next app

\`createAuth()\` and \`authProxy()\` read these environment variables. You can pass each setting as an option instead. An unknown option is a \`TypeError\` (\`packages/next/src/config/known-options.test.ts\`).

| variable | option | default | meaning |
|---|---|---|---|
| \`SALLYPORT_URL\` | \`server\` | **required** | The address at which Next reaches the auth server. |
| \`SALLYPORT_ISSUER\` | \`issuer\` | \`server\` | The issuer of the tokens, if the auth server's public address differs from \`server\`. |
| \`SALLYPORT_AUDIENCE\` | \`audience\` | **required** | The audience of the Next app: one of the names in \`SALLYPORT_AUDIENCE\` of the auth server. |
| \`APP_URL\` | \`app\` | **required** | The public origin of the pages, for cookies, \`Origin\` checks and redirects. It must be https, or http on localhost. It can be a list with patterns for [preview deployments](proxy.md#preview-deployments). |
| \`SALLYPORT_COOKIE_DOMAIN\` | \`cookieDomain\` | none | Set it only if pages and API share a parent domain, to the same value as at the auth server. See [topologies](topologies.md#shared-parent-domain). |
| | \`organizations\` | none | \`path\` if \`/o/acme\` belongs to the organization \`acme\`, or \`subdomain\` if \`acme.example.com\` does. Give \`createAuth\` and \`authProxy\` the same value. See [organizations](organizations.md#in-next). |
| \`API_URL\` | \`api\` | none | The address at which Next reaches your API. |
| | \`access\` | none | The roles and permissions of your product, made by \`defineAccess\`. See [roles and permissions](permissions.md). |
| | \`apiPaths\` | none | The API's paths that the browser may call through \`/api\`, each with all paths below it. |
| | \`apis\` | none | More APIs, each with its own address, paths and audience. See [several APIs](calling-your-api.md#several-apis). |
| | \`apiTimeouts\` | \`{ connectSeconds: 10, answerSeconds: 60, silenceSeconds: 300 }\` | How long \`/api\` waits for a connection to the API, for the start of the response, and between two parts of a body. 0 means no limit. See [pass-through](pass-through.md#time-outs). |
| | \`trustApiDocuments\` | \`false\` | Whether scripts in the API's HTML, SVG and XML may run on the origin of the pages. See [pass-through](pass-through.md#documents). |
| \`SALLYPORT_FRONTEND_SECRET\` | \`frontendSecret\` | none | The secret that this Next app sends to the auth server, so that the auth server trusts it to report the client's IP address. Required in production. If it is a list, the first secret is sent. |
| \`SALLYPORT_VERIFIER_SECRET\` | \`verifierSecret\` | none | The secret for the revocation feed, from which the Next app reads which sessions have ended. Required in production. Without it, the app accepts the access token of an ended session until the token expires. |
| | \`loginPath\` | \`/login\` | The page with the sign-in form: a path, or a function of the page's path. See [paths](paths.md#locales). |
| | \`confirmPath\` | \`/confirm\` | The page on which a signed-in user confirms the password: a path, or a function of the page's path. See [step-up authentication](step-up.md#in-pages). |
| | \`loginBasePath\` | that of this app | The \`basePath\` of the app that has the sign-in page. See [paths](paths.md#multi-zones). |
| | \`secondFactorPath\` | \`/login/second-factor\` | The page that asks for the second factor after a sign-in at an outside provider. See [providers](providers.md#in-your-app). |
| | \`homePath\` | \`/dashboard\` | Default page after sign-in. |
| | \`refreshBeforeExpirySeconds\` | 60 (seconds) | How long before its expiry an access token is refreshed. |
| | \`clockToleranceSeconds\` | 5 (seconds, 0 to 300) | How far the auth server's clock may be ahead of the clock of the pages. Pass the same value to \`createAuth\` and \`authProxy\`. See [clocks](clocks.md). |
| | \`serverTimeoutSeconds\` | 10 (seconds) | How long to wait for the auth server. |
| \`SALLYPORT_TRUSTED_PROXY_HOPS\` | \`trustedProxyHops\` | 0 (hops) | The number of reverse proxies before Next that append to \`X-Forwarded-For\`. With 0 the header is ignored, and all visitors share the [throttle](throttles.md#how-the-server-gets-the-clients-address) of one network. |
| | \`publicPaths\` (\`authProxy\` only) | none | Paths without a session check. A path is exact; if it ends in \`/*\`, it means all paths below it. See [paths](paths.md#public-paths). |
| | \`protect\` (\`authProxy\` only) | none | The roles and permissions that paths require. Other users get status 403 or 404. See [rules by path](proxy.md#rules-by-path). |
| | \`refusedPage\` (\`authProxy\` only) | a small page | Returns the page for a request that a rule refuses. |
| | \`webhookPaths\` (\`authProxy\` only) | none | Paths that accept requests from other services and sites, without cookies. See [webhooks](proxy.md#webhooks-and-payment-providers). |
| | \`next\` (\`authProxy\` only) | none | Another proxy function that runs after Sallyport's, such as next-intl's. See [another proxy](proxy.md#another-proxy). |
| | \`adopt\` (\`authProxy\` only) | none | Converts sessions of NextAuth. See [from NextAuth](migrate-from-next-auth.md). |

## Your API

The reference lists [all options of \`createVerifier()\`](reference/verify.md#verifieroptions). \`issuer\` and \`audience\` are required. With \`feed: { credential: process.env.SALLYPORT_VERIFIER_SECRET }\`, the verifier follows the revocation feed and refuses ended sessions immediately. With \`NODE_ENV=production\`, a verifier does not start without the option \`feed\`; to run it without the feed, set \`feed: false\`. If \`feed\` is set and its credential is missing or empty, this is always an error.

## The example

\`npm start\` reads \`WEB_PORT\` (3000), \`AUTH_PORT\` (4000), \`API_PORT\` (4100), \`HOST\` (127.0.0.1) and \`DATA_DIR\` (\`.data\`). If \`ASK_TO_VERIFY_EMAIL\` is 1, its pages ask users to verify their email address; the default follows from \`SALLYPORT_EMAIL_VERIFICATION\`. Secrets that are not set are generated once and stored in the data folder. With \`NODE_ENV=production\`, no secrets are generated, and demo accounts are refused. The Next app of the example reports the address of the connection to the auth server; the header \`X-Forwarded-For\` of a visitor has no effect ([\`start.slow.test.ts\`](../tests/start/start.slow.test.ts)). Behind a proxy, set \`SALLYPORT_TRUSTED_PROXY_HOPS\`. With \`NODE_ENV=production\`, no client address is known until you set it.
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
