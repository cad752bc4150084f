import {
  type Access,
  definedRequirementOf,
  type Principal,
  type Requirement,
  refusalOf,
} from '@sallyport/protocol'
import { flightData, isPathPattern, matchesReading, readPath } from '../paths/match-path.ts'

/** The requirement of a path, and the status of the response to users who do not meet it. */
export type PathRule<Defined extends Access = Access> = Requirement<Defined> & {
  /** The status of a refusal. 404 hides that the page exists. Default: 403. */
  status?: 403 | 404
}

/** The checked rules of one app. */
export type PathRules = readonly { pattern: string; requirement: Requirement; status: 403 | 404 }[]

/** In a rule, this part stands for every organization, as in `/o/[organization]/reports/*`. */
const organizationPart = '[organization]'
const isInOrganization = /^\/o\/\[organization\](?:\/(?!.*\[organization\]).*)?$/

/**
 * Checks the rules of `protect`.
 *
 * @throws TypeError if a rule is invalid or would have no effect, or if `access` does not define its role or permission.
 */
export function readPathRules(
  protect: unknown,
  access?: Access,
  organizations?: 'path' | 'subdomain',
): PathRules {
  if (typeof protect !== 'object' || protect === null || Array.isArray(protect))
    throw new TypeError("`protect` must be an object, such as { '/admin/*': { role: 'admin' } }.")
  return Object.entries(protect).map(([pattern, rule]) => {
    if (!isPathPattern(pattern))
      throw new TypeError(
        `\`protect\` has ${JSON.stringify(pattern)}. Give a path such as '/admin', or '/admin/*' for it and everything below it. The path must start with one slash and must not have a query. \`*\` may only be the last part.`,
      )
    if (/^\/(?:api|_next)(?:\/|$)/i.test(pattern))
      throw new TypeError(
        `\`protect\` has '${pattern}', but the proxy does not handle paths below /api and /_next. Below /api, call auth.require in the handler.`,
      )
    if (pattern.includes(organizationPart) && (organizations !== 'path' || !isInOrganization.test(pattern)))
      throw new TypeError(
        `\`protect\` has '${pattern}'. ${organizationPart} may only follow /o/, and needs the option \`organizations: 'path'\`.`,
      )
    return { pattern: lower(pattern), ...readRule(pattern, rule, access) }
  })
}

function readRule(
  pattern: string,
  rule: unknown,
  access: Access | undefined,
): { requirement: Requirement; status: 403 | 404 } {
  const where = `\`protect\` at '${pattern}': `
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule))
    throw new TypeError(
      `${where}the rule is not an object. Give { role }, { permission }, { acr } or { maxAgeSeconds }.`,
    )
  const { status = 403, ...requirement } = rule as PathRule
  if (status !== 403 && status !== 404) throw new TypeError(`${where}\`status\` must be 403 or 404.`)
  if (Object.keys(requirement).length === 0)
    throw new TypeError(
      `${where}the rule requires nothing. Give { role }, { permission }, { acr } or { maxAgeSeconds }. All paths except \`publicPaths\` require a session anyway.`,
    )
  try {
    definedRequirementOf([requirement], access)
  } catch (error) {
    throw new TypeError(`${where}${error instanceof Error ? error.message : error}`)
  }
  return { requirement, status }
}

/**
 * Returns all rules that match a path. All of them must be met. `/admin/*` matches `/admin` too. A rule matches in upper and lower case,
 * with any percent-encoding, and also at the address of the page's flight data (the data that Next's router loads).
 *
 * @returns null if different servers may interpret the path differently, because then its rules cannot be determined.
 */
export function rulesAt(rules: PathRules, pathname: string): PathRules | null {
  if (rules.length === 0) return rules
  const readings = readingsOf(pathname)
  return readings && rules.filter(({ pattern }) => readings.some((path) => covers(pattern, path)))
}

/** Returns all paths that Next may serve for a requested path. Each has the form that `readPath` returns, with lower-case letters. */
function readingsOf(pathname: string): string[] | null {
  // Next looks up static pages and files of public/ by the decoded path. In the decoded path, a slash that was encoded separates parts too.
  const readings = (/%2f/i.test(pathname) ? [pathname, pathname.replace(/%2f/gi, '/')] : [pathname]).map(
    readPath,
  )
  if (readings.includes(null)) return null
  const paths = readings.map((path) => lower(path ?? ''))
  // If a path has one of the endings in `flightData`, and the request has the right headers, Next serves the flight data of the page.
  const pages = paths
    .filter((path) => flightData.test(path))
    .map((path) => path.replace(flightData, '').replace(/(?<=.)\/$/, ''))
  const all = [...paths, ...pages]
  return [...all, ...all.map((path) => path.replace(/^\/o\/[^/]+/, encodedOrganizationPart))]
}

const encodedOrganizationPart = `/o/${encodeURIComponent(organizationPart)}`

/**
 * Lower-cases ASCII letters, because rewrites in next.config.ts treat `/ADMIN` as `/admin`. Percent-encoded characters stay unchanged,
 * because their lower case would depend on the encoding.
 */
function lower(text: string): string {
  return text.replace(/%[\dA-F]{2}|[A-Z]+/g, (found) => (found.startsWith('%') ? found : found.toLowerCase()))
}

function covers(pattern: string, path: string): boolean {
  return (
    matchesReading(pattern, path) ||
    (pattern.endsWith('/*') && matchesReading(pattern.slice(0, -2) || '/', path))
  )
}

/**
 * Returns how the rules refuse a principal, or null if the principal meets all of them. `now` is in milliseconds. If a rule that hides the
 * page has failed because of a role or permission, the result is 404. `confirm` means that the user only has to authenticate again.
 */
export function refusedBy(rules: PathRules, principal: Principal, now: number): 403 | 404 | 'confirm' | null {
  const refusals = rules.map(({ requirement, status }) => ({
    refusal: refusalOf(principal, requirement, now),
    status,
  }))
  const forbidden = refusals.filter(({ refusal }) => refusal === 'forbidden')
  if (forbidden.length > 0) return forbidden.some(({ status }) => status === 404) ? 404 : 403
  return refusals.some(({ refusal }) => refusal !== null) ? 'confirm' : null
}
