import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { nextBuild } from '../../scripts/example/build.ts'
import { createProcesses, untilReady } from '../../scripts/example/processes.ts'
import { root } from '../../scripts/install.mjs'
import { freePort } from '../system/free-port.ts'

/** A Next app that has been built in a folder of its own. */
export type BuiltApp = {
  serve(env: Record<string, string>): Promise<{ url: string; log: string[]; stop(): Promise<void> }>
  remove(): void
}

/** What many guides have people write: it refreshes in a render, where the result is lost. Outside the reach of proxy.ts. */
const naivePage = `
import { getServerSession, type NextAuthOptions } from 'next-auth'
import { headers } from 'next/headers'
import { authOptions } from '../../auth-options'
import { refresh } from '../../sallyport'

const options: NextAuthOptions = {
  ...authOptions,
  callbacks: {
    ...authOptions.callbacks,
    async jwt({ token }) {
      if (Date.now() < token.renewAt) return token
      const tokens = await refresh(token.refreshToken, await headers())
      if (typeof tokens === 'string') throw new Error(tokens)
      return { ...token, ...tokens }
    },
  },
}

export default async function Naive() {
  const session = await getServerSession(options)
  return <h1>{session === null ? 'Nobody' : session.user.name}</h1>
}
`

/** examples/next-auth as it stands, with two things beside it that the guide speaks of. */
export function buildBeside(): Promise<BuiltApp> {
  return build('The example with NextAuth', (copy) => {
    write(copy, 'app/naive/page.tsx', naivePage)
    change(copy, 'proxy.ts', "'/((?!_next", "'/((?!naive|_next")
    // The same routes once more, where the guide says that they may move.
    write(
      copy,
      'app/api/next-auth/[...nextauth]/route.ts',
      `export { GET, POST } from '../../auth/[...nextauth]/route'\n`,
    )
  })
}

/** The same app after the switch: the files of docs/migrate-from-next-auth.md in it, and those gone that it says to delete. */
export function buildMigrated(): Promise<BuiltApp> {
  return build('The example, moved to the SDK', (copy) => {
    for (const gone of ['app/api/auth', 'app/api/invoices', 'sallyport.ts'])
      rmSync(join(copy, gone), { recursive: true })
    for (const { file, code } of samplesOf('docs/migrate-from-next-auth.md')) write(copy, file, code)
    change(copy, 'next.config.ts', "['@sallyport/verify'", "['@sallyport/next', '@sallyport/verify'")
  })
}

async function build(title: string, prepare: (copy: string) => void): Promise<BuiltApp> {
  const copy = mkdtempSync(join(root, 'examples/next-auth-copy-'))
  const remove = () => rmSync(copy, { recursive: true, force: true })
  try {
    cpSync(join(root, 'examples/next-auth'), copy, {
      recursive: true,
      filter: (from) => !/[\\/](?:\.next|node_modules)$/.test(from),
    })
    prepare(copy)
    await nextBuild(relative(root, copy), title)
  } catch (error) {
    remove()
    throw error
  }
  return { serve: (env) => serve(copy, env), remove }
}

async function serve(folder: string, env: Record<string, string>) {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const log: string[] = []
  const processes = createProcesses((line) => log.push(line))
  const next = join(root, 'node_modules/next/dist/bin/next')
  const early = Promise.withResolvers<never>()
  processes.start(
    {
      name: 'web',
      args: [next, 'start', folder, '--port', String(port), '--hostname', '127.0.0.1'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        ...env,
        NEXTAUTH_URL: `${url}${env.NEXTAUTH_PATH ?? ''}`,
        APP_URL: url,
      },
      readyUrl: url,
    },
    (_, code) => early.reject(new Error(`The pages ended by themselves: ${code}\n${log.join('\n')}`)),
  )
  await Promise.race([early.promise, untilReady(url, 60_000)])
  return { url, log, stop: () => processes.stop() }
}

function write(copy: string, file: string, code: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true })
  writeFileSync(join(copy, file), code)
}

function change(copy: string, file: string, from: string, to: string): void {
  const text = readFileSync(join(copy, file), 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  writeFileSync(join(copy, file), text.replace(from, to))
}
