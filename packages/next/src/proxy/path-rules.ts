import { meetsRequirement, type Principal, type Requirement, requirementOf } from '@sallyport/protocol'
import { isPathPattern, matchesReading, readPath } from '../paths/match-path.ts'

/** What a path asks of whoever is signed in, and how everybody else is refused: 403 by default, 404 to hide that there is a page. */
export type PathRule = Requirement & {
  /** The status of a refusal; 404 hides that the page is there. Default: 403. */
  status?: 403 | 404
}

/** The rules of one app, checked. */
export type PathRules = readonly { pattern: string; requirement: Requirement; status: 403 | 404 }[]

/**
 * Checks the rules of `protect`.
 *
 * @throws TypeError for one that would not guard what it seems to.
 */
export function readPathRules(protect: unknown): PathRules {
  if (typeof protect !== 'object' || protect === null || Array.isArray(protect))
    throw new TypeError("`protect` must be an object, such as { '/admin/*': { role: 'admin' } }.")
  return Object.entries(protect).map(([pattern, rule]) => {
    if (!isPathPattern(pattern))
      throw new TypeError(
        `\`protect\` has ${JSON.stringify(pattern)}. Give a path such as '/admin', or '/admin/*' for it and everything below: it starts with one slash, \`*\` stands alone at the end, and there is no query.`,
      )
    if (/^\/(?:api|_next)(?:\/|$)/i.test(pattern))
      throw new TypeError(
        `\`protect\` has '${pattern}', which the proxy does not see. Below /api, call auth.require in the handler.`,
      )
    return { pattern: lower(pattern), ...readRule(pattern, rule) }
  })
}

function readRule(pattern: string, rule: unknown): { requirement: Requirement; status: 403 | 404 } {
  const where = `\`protect\` at '${pattern}': `
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule))
    throw new TypeError(`${where}the rule is no object. Give { role } or { permission }.`)
  const { status = 403, ...requirement } = rule as PathRule
  if (status !== 403 && status !== 404) throw new TypeError(`${where}\`status\` must be 403 or 404.`)
  if (Object.keys(requirement).length === 0)
    throw new TypeError(
      `${where}the rule asks for nothing. Give { role } or { permission }; a session is asked for everywhere but at \`publicPaths\`.`,
    )
  try {
    requirementOf([requirement])
  } catch (error) {
    throw new TypeError(`${where}${error instanceof Error ? error.message : error}`)
  }
  return { requirement, status }
}

/**
 * The rules of a path: all that match, and all of them must hold. `/admin/*` counts for `/admin` too, and no rule is avoided by other
 * letters, another encoding or the address of a page's flight data.
 *
 * @returns null for a path that servers may read in several ways: nobody can tell which rules it has.
 */
export function rulesAt(rules: PathRules, pathname: string): PathRules | null {
  if (rules.length === 0) return rules
  const readings = readingsOf(pathname)
  return readings && rules.filter(({ pattern }) => readings.some((path) => covers(pattern, path)))
}

/** All that Next may take a path for, each as `readPath` gives it but for the case of letters. */
function readingsOf(pathname: string): string[] | null {
  // Next finds static pages and files of public/ by the decoded path, in which an encoded slash parts it as any other.
  const readings = (/%2f/i.test(pathname) ? [pathname, pathname.replace(/%2f/gi, '/')] : [pathname]).map(
    readPath,
  )
  if (readings.includes(null)) return null
  const paths = readings.map((path) => lower(path ?? ''))
  // Next answers these with the page's flight data, to whoever asks with the right headers.
  const pages = paths
    .filter((path) => flightData.test(path))
    .map((path) => path.replace(flightData, '').replace(/(?<=.)\/$/, ''))
  return [...paths, ...pages]
}

const flightData = /\.(?:rsc|prefetch\.rsc|segments\/.*)$/

/**
 * Rewrites of next.config.ts read `/ADMIN` as `/admin`. Only of these letters is one text the lower case of another in every encoding; what is
 * encoded stays as it is.
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

/** The status of a refusal, or null for whoever meets all rules. Where one of them hides the page, it stays hidden. */
export function refusedBy(rules: PathRules, principal: Principal): 403 | 404 | null {
  const failed = rules.filter(({ requirement }) => !meetsRequirement(principal, requirement))
  if (failed.length === 0) return null
  return failed.some(({ status }) => status === 404) ? 404 : 403
}
