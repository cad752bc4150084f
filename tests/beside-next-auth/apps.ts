import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { buildCopy, changeIn, type ServedApp, writeIn } from '../system/next-apps.ts'

/** A Next app that has been built in a folder of its own. */
export type BuiltApp = {
  serve(env: Record<string, string>): Promise<ServedApp>
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
    writeIn(copy, 'app/naive/page.tsx', naivePage)
    changeIn(copy, 'proxy.ts', "'/((?!_next", "'/((?!naive|_next")
    // The same routes once more, where the guide says that they may move.
    writeIn(
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
    // The example is without cacheComponents: Next refuses the line there, as docs/getting-started.md says.
    for (const { file, code } of samplesOf('docs/migrate-from-next-auth.md'))
      writeIn(copy, file, code.replace(/^export const instant = .*\n\n/m, ''))
    changeIn(copy, 'next.config.ts', "['@sallyport/verify'", "['@sallyport/next', '@sallyport/verify'")
  })
}

async function build(title: string, change: (copy: string) => void): Promise<BuiltApp> {
  const { serve, remove } = await buildCopy('examples/next-auth', title, change)
  return {
    serve: (env) =>
      serve((url) => ({ ...env, NEXTAUTH_URL: `${url}${env.NEXTAUTH_PATH ?? ''}`, APP_URL: url })),
    remove,
  }
}
