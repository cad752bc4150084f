import { join } from 'node:path'
import { type AuthServer, apiEnvironment, startAuthServer } from '../issuers/auth-server.ts'
import { nextEnvironment, ourApp, sessionCookies } from '../issuers/our-pages.ts'
import { signInEverybody, signUpEverybody } from '../issuers/people.ts'
import { type Comparison, compare } from '../measure/compare.ts'
import { requireGuarded } from '../measure/guarded.ts'
import { httpSide, type Load, type LoadRequest } from '../measure/load.ts'
import { buildNextApp, startNextApp } from '../measure/next-app.ts'
import { type Server, startServer } from '../measure/server.ts'
import { cpuRatio, shareCells, shareColumns } from '../report.ts'
import { root } from '../root.ts'
import type { Bench, Part } from './part.ts'

type PassThroughRow = {
  name: string
  path: string
  connections: number
  perSecond?: number
  uploadBytes?: number
}

/** The number of large bodies for each second of the plan. None of them is cut off, however long it takes. */
const perSecond = 20

const rows: readonly PassThroughRow[] = [
  { name: '@sallyport/next: a small answer', path: '/bodies/small', connections: 16 },
  { name: '@sallyport/next: an answer of 10 MB', path: '/bodies/large', connections: 4, perSecond },
  {
    name: '@sallyport/next: a request of 10 MB',
    path: '/bodies/large',
    connections: 4,
    perSecond,
    uploadBytes: 10_000_000,
  },
]

export const passThroughPart: Part = {
  plan: { rounds: 5, seconds: 1.5, warmUpSeconds: 2 },
  quickPlan: { rounds: 1, seconds: 1, warmUpSeconds: 0 },
  async run(bench) {
    const wanted = rows.filter(({ name }) => bench.wants(name))
    if (wanted.length === 0) return
    const report = bench.table(
      'Calls of an API through /api of the pages as a share of direct calls',
      shareColumns('through/s', 'direct/s'),
    )
    await buildNextApp(ourApp)
    const authServer = await startAuthServer(bench)
    try {
      await signUpEverybody(authServer.url)
      for (const row of wanted) {
        const comparison = await measure(bench, row, authServer)
        report(row.name, shareCells(comparison), cpuRatio(comparison))
      }
    } finally {
      await authServer.stop()
    }
  },
}

async function measure(bench: Bench, row: PassThroughRow, authServer: AuthServer): Promise<Comparison> {
  const api = await startServer({
    script: join(root, 'bench/api/bodies.ts'),
    env: () => apiEnvironment(authServer),
    readyPath: '/open',
    logFile: join(bench.workDir, 'bodies.log'),
  })
  try {
    const env = { ...nextEnvironment(authServer), API_URL: api.url }
    const pages = await startNextApp(ourApp.folder, env, join(bench.workDir, 'next.log'))
    try {
      return await measureThrough(bench, row, { authServer, api, pages })
    } finally {
      await pages.stop()
    }
  } finally {
    await api.stop()
  }
}

async function measureThrough(
  bench: Bench,
  { path, connections, perSecond: largePerSecond, uploadBytes }: PassThroughRow,
  { authServer, api, pages }: { authServer: AuthServer; api: Server; pages: Server },
): Promise<Comparison> {
  const body: LoadRequest = uploadBytes === undefined ? {} : { method: 'POST', bodyBytes: uploadBytes }
  const type = uploadBytes === undefined ? undefined : { 'content-type': 'text/plain' }
  const tokens = await signInEverybody(authServer.url)
  const through = tokens.map((pair) => ({
    ...body,
    headers: { cookie: sessionCookies(pair), origin: pages.url, ...type },
  }))
  const direct = tokens.map(({ accessToken }) => ({
    ...body,
    headers: { authorization: `Bearer ${accessToken}`, ...type },
  }))
  await requireGuarded(`${pages.url}/api${path}`, api.url + path, through[0], direct[0])
  await requireGuarded(api.url + path, api.url + path, direct[0])
  // The API does the same work for a direct call and for a call through the pages. So the cost of a call through the pages is the CPU time
  // of both processes.
  const both: Server = {
    ...pages,
    cpuMicros: async () => (await pages.cpuMicros()) + (await api.cpuMicros()),
  }
  const load = (url: string, requests: readonly LoadRequest[], seconds: number): Load =>
    largePerSecond === undefined
      ? { url, requests, connections, seconds }
      : { url, requests: repeated(requests, Math.ceil(seconds * largePerSecond)), connections, once: true }
  return compare(
    httpSide(bench.generator, both, (seconds) => load(`${pages.url}/api${path}`, through, seconds)),
    httpSide(bench.generator, api, (seconds) => load(api.url + path, direct, seconds)),
    bench.plan,
  )
}

function repeated<Entry>(entries: readonly Entry[], count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => entries[index % entries.length] as Entry)
}
