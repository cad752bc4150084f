import type { Page } from 'playwright-core'
import type { Crossing, Crossings } from './crossings.ts'

/** The outcome of one request of a storm. */
export type Outcome = { kind: string; path: string; status: number; landedAt: string; sees: boolean }

type Wanted = { kind: string; path: string; headers: Record<string, string>; sees: string }

const flight = { rsc: '1' }
const prefetch = { rsc: '1', 'next-router-prefetch': '1' }
const html = { accept: 'text/html' }

const ofProfile: Wanted[] = [
  { kind: 'document', path: '/invoices', headers: html, sees: 'INV-20' },
  { kind: 'soft navigation', path: '/invoices', headers: flight, sees: 'INV-20' },
  { kind: 'prefetch', path: '/customers', headers: prefetch, sees: 'customers' },
  { kind: 'client fetch', path: '/api/invoices', headers: {}, sees: 'INV-20' },
]
const ofOther: Wanted[] = [
  { kind: 'document', path: '/dashboard', headers: html, sees: 'Olivia' },
  { kind: 'soft navigation', path: '/reports', headers: flight, sees: 'Reports' },
  { kind: 'prefetch', path: '/reports', headers: prefetch, sees: 'reports' },
  { kind: 'client fetch', path: '/api/customers', headers: {}, sees: '@' },
  { kind: 'who am I', path: '/api/auth/session', headers: {}, sees: '"sessionId"' },
]

/**
 * Sends ten parallel requests from two tabs of one browser: a server action, two documents, two soft navigations, two prefetches and
 * three client fetches. The first tab shows `/profile`, with its form filled in. Resolves when all ten have responses.
 */
export async function tenAtOnce(profile: Page, other: Page): Promise<Outcome[]> {
  const [first, second, saved] = await Promise.all([
    fetchAll(profile, ofProfile),
    fetchAll(other, ofOther),
    save(profile),
  ])
  return [...first, ...second, saved]
}

/** The outcome of {@link tenAtOnce} if no request is affected. */
export const tenFine: Outcome[] = [...ofProfile, ...ofOther, { kind: 'server action', path: '/profile' }].map(
  ({ kind, path }) => ({ kind, path, status: 200, landedAt: path, sees: true }),
)

/** Returns whether `count` requests of {@link tenAtOnce} are pending on this hop: all ten, or twenty if it was called twice. */
export function tenAreWaiting({ all }: Crossings, count = 10): boolean {
  const isOneOfThem = ({ headers, method }: Crossing) => headers['x-storm'] !== undefined || method === 'POST'
  return all.filter((crossing) => crossing.state === 'arrived' && isOneOfThem(crossing)).length === count
}

function fetchAll(tab: Page, wanted: Wanted[]): Promise<Outcome[]> {
  return tab.evaluate(
    (list) =>
      Promise.all(
        list.map(async ({ kind, path, headers, sees }) => {
          const answer = await fetch(path, { headers: { ...headers, 'x-storm': '1' }, cache: 'no-store' })
          const text = await answer.text()
          return {
            kind,
            path,
            status: answer.status,
            landedAt: new URL(answer.url).pathname,
            sees: text.includes(sees) && !/NEXT_REDIRECT|returnTo=/.test(text),
          }
        }),
      ),
    wanted,
  )
}

async function save(profile: Page): Promise<Outcome> {
  const answered = profile.waitForResponse((answer) => answer.request().method() === 'POST')
  await profile.getByRole('button', { name: /save/i }).click()
  const status = (await answered).status()
  await profile.getByRole('status').filter({ hasText: /saved/i }).waitFor()
  return {
    kind: 'server action',
    path: '/profile',
    status,
    landedAt: new URL(profile.url()).pathname,
    sees: true,
  }
}
