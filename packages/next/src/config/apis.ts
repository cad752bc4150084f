import type { ApiTarget } from './api-target.ts'
import { requireKnownOptions, requirePathList } from './known-options.ts'

/** One of several APIs. Its name is the key in {@link ApiDefinitions}. */
export type ApiDefinition = {
  /** The URL at which Next reaches the API. Default: the variable `API_URL_<NAME>`, such as `API_URL_ORDERS` for `orders`. */
  url?: string | undefined
  /**
   * The paths of this API that the browser may request through `/api`. Everything below such a path is included. Two APIs must not have the
   * same path, and no path of one API may be below a path of another. Default: none.
   */
  paths?: readonly string[]
  /** The API's audience (`aud`). A token without this audience is never sent to the API. Default: the audience is not checked. */
  audience?: string
  /** The same as `apiTimeouts`, but for this API. */
  timeouts?: ApiTimeoutOptions
  /** The same as `trustApiDocuments`, but for this API. Default: false. */
  trustDocuments?: boolean
}
/** Several APIs, by name: `orders` is called as `api.orders`. */
export type ApiDefinitions = Readonly<Record<string, ApiDefinition>>

/** How long `/api` waits for an API, in seconds. */
export type ApiTimeoutOptions = {
  /** The longest wait for a connection. Default: 10. */
  connectSeconds?: number
  /** The longest wait until the answer begins. Default: 60. */
  answerSeconds?: number
  /** The longest wait between two parts of an answer. Default: 300. */
  silenceSeconds?: number
}

/** An API definition, checked and complete. */
export type NamedApi = ApiTarget & { name: string; audience: string | null }

const optionNames = ['url', 'paths', 'audience', 'timeouts', 'trustDocuments']
/**
 * Names that an API must not have. Most of them would hide a method of the default API. With an API named `then`, JavaScript would treat
 * the object of all APIs as a promise. Names of `Object.prototype` are refused too.
 */
const takenNames = new Set(['get', 'post', 'put', 'patch', 'delete', 'request', 'organization', 'then'])

/**
 * Checks the definitions. It reads no environment variables, so the URLs are checked later.
 *
 * @throws TypeError if a definition is invalid. The message names the API and says how to fix it.
 */
export function requireApis(apis: ApiDefinitions, apiPaths: readonly string[] = []): void {
  requirePathList('apiPaths', apiPaths)
  const owners: { path: string; owner: string }[] = apiPaths.map((path) => ({ path, owner: '`apiPaths`' }))
  for (const [name, api] of Object.entries(apis)) {
    if (!/^[a-zA-Z][\w]*$/.test(name) || takenNames.has(name) || name in Object.prototype)
      throw new TypeError(
        `\`apis\` has an API with the name ${JSON.stringify(name)}. Choose another: letters, digits and _, and none of ${[...takenNames].join(', ')}.`,
      )
    if (typeof api !== 'object' || api === null) throw new TypeError(`\`apis.${name}\` must be an object.`)
    requireKnownOptions(`\`apis.${name}\``, api, optionNames)
    requirePathList(`apis.${name}.paths`, api.paths ?? [])
    if (api.audience !== undefined && (typeof api.audience !== 'string' || api.audience === ''))
      throw new TypeError(
        `\`apis.${name}.audience\` must be the name that SALLYPORT_AUDIENCE has for this API. If you leave it out, the audience is not checked before a token is sent.`,
      )
    owners.push(...(api.paths ?? []).map((path) => ({ path, owner: `\`apis.${name}\`` })))
  }
  for (const [at, { path, owner }] of owners.entries()) {
    const other = owners.slice(0, at).find((one) => one.owner !== owner && overlap(one.path, path))
    if (other)
      throw new TypeError(
        `${other.path} of ${other.owner} and ${path} of ${owner} overlap: a request to /api could go to either. Give each path to one API.`,
      )
  }
}

/** Returns the name of the environment variable that has the URL of an API. */
export function apiUrlVariable(name: string): string {
  return `API_URL_${name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toUpperCase()}`
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => `${path.replace(/\/$/, '')}/`) as [string, string]
  return a.startsWith(b) || b.startsWith(a)
}
