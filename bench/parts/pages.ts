import { join } from 'node:path'
import { type AuthServer, startAuthServer } from '../issuers/auth-server.ts'
import { betterAuthCallers } from '../issuers/better-auth.ts'
import { nextAuthCallers } from '../issuers/next-auth.ts'
import { nextEnvironment, ourApp, sessionCookies } from '../issuers/our-pages.ts'
import { signInEverybody, signUpEverybody } from '../issuers/people.ts'
import { type Comparison, compare } from '../measure/compare.ts'
import { requireGuarded } from '../measure/guarded.ts'
import { httpSide, type LoadRequest } from '../measure/load.ts'
import { buildNextApp, type NextAppSources, startNextApp } from '../measure/next-app.ts'
import { type Aim, cpuRatio, shareCells, shareColumns } from '../report.ts'
import type { Bench, Part } from './part.ts'

type PageRow = { name: string; guarded: string; open: string; aim?: Aim }

/** A built app, its settings, and how users get a session in it. */
type App = { folder: string; env: NodeJS.ProcessEnv; callers: (appUrl: string) => Promise<LoadRequest[]> }

const aim: Aim = { share: 0.97 }

const ourRows: readonly PageRow[] = [
  { name: '@sallyport/next: proxy and page', guarded: '/guarded', open: '/open', aim },
  {
    name: '… beside an open page that meets no proxy',
    guarded: '/guarded',
    open: '/alone/open',
    aim,
  },
  { name: '@sallyport/next: page alone', guarded: '/alone/guarded', open: '/alone/open', aim },
  {
    name: '@sallyport/next: page behind auth.user(), alone',
    guarded: '/alone/user',
    open: '/alone/open',
  },
]

const peerRows: readonly (PageRow & Pick<App, 'callers'>)[] = [
  { name: 'NextAuth 4: page alone', guarded: '/next-auth', open: '/open', callers: nextAuthCallers },
  {
    name: 'Better Auth, cookie cache: page alone',
    guarded: '/better-auth-cached',
    open: '/open',
    callers: (appUrl) => betterAuthCallers(`${appUrl}/api/better-auth-cached`),
  },
  {
    name: 'Better Auth: page alone',
    guarded: '/better-auth',
    open: '/open',
    callers: (appUrl) => betterAuthCallers(`${appUrl}/api/better-auth`),
  },
]

const peersApp: NextAppSources = {
  folder: 'bench/peers/next-pages',
  sources: ['bench/{peers/,}next-pages/**/*.{js,jsx,mjs}', 'bench/peers/package-lock.json'],
}

const connections = 16

export const pagesPart: Part = {
  plan: { rounds: 5, seconds: 1.5, warmUpSeconds: 3 },
  quickPlan: { rounds: 1, seconds: 2, warmUpSeconds: 0 },
  async run(bench) {
    const ours = ourRows.filter(({ name }) => bench.wants(name))
    const peers = peerRows.filter(({ name }) => bench.wants(name))
    if (ours.length + peers.length === 0) return
    const report = bench.table(
      'A protected Next page as a share of an equal open page',
      shareColumns('guarded/s', 'open/s'),
    )
    if (ours.length > 0) await measureOurs(bench, ours, report)
    if (peers.length === 0) return
    await buildNextApp(peersApp)
    const secret = 'only for the bench: a secret wants 32'
    const env = { DATABASE_FOLDER: bench.workDir, SECRET: secret, NEXTAUTH_SECRET: secret }
    for (const row of peers) {
      const app = { folder: peersApp.folder, env, callers: row.callers }
      report(row.name, shareCells(await measure(bench, row, app), row.aim))
    }
  },
}

async function measureOurs(
  bench: Bench,
  rows: readonly PageRow[],
  report: ReturnType<Bench['table']>,
): Promise<void> {
  await buildNextApp(ourApp)
  const authServer = await startAuthServer(bench)
  try {
    await signUpEverybody(authServer.url)
    const callers = () => sallyportCallers(authServer)
    const app = { folder: ourApp.folder, env: nextEnvironment(authServer), callers }
    for (const row of rows) {
      const comparison = await measure(bench, row, app)
      report(row.name, shareCells(comparison, row.aim), cpuRatio(comparison))
    }
  } finally {
    await authServer.stop()
  }
}

async function measure(bench: Bench, row: PageRow, app: App): Promise<Comparison> {
  const server = await startNextApp(app.folder, app.env, join(bench.workDir, 'next.log'))
  try {
    const callers = await app.callers(server.url)
    await requireGuarded(server.url + row.guarded, server.url + row.open, callers[0])
    const side = (path: string) =>
      httpSide(bench.generator, server, (seconds) => ({
        url: server.url + path,
        requests: callers,
        connections,
        seconds,
      }))
    return await compare(side(row.guarded), side(row.open), bench.plan)
  } finally {
    await server.stop()
  }
}

async function sallyportCallers({ url }: AuthServer): Promise<LoadRequest[]> {
  const tokens = await signInEverybody(url)
  return tokens.map((pair) => ({ headers: { cookie: sessionCookies(pair) } }))
}
