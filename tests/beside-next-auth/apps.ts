import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { buildCopy, changeIn, type ServedApp, writeIn } from '../system/next-apps.ts'

/** A Next app, built in its own folder. */
export type BuiltApp = {
  serve(env: Record<string, string>): Promise<ServedApp>
  remove(): void
}

/**
 * A page that refreshes during a render, as in many guides. The new tokens are lost, because a render cannot write cookies. `proxy.ts` does
 * not match this page.
 */
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

/** Builds examples/next-auth unchanged, except for two additions that the guide mentions. */
export function buildBeside(): Promise<BuiltApp> {
  return build('The example with NextAuth', (copy) => {
    writeIn(copy, 'app/naive/page.tsx', naivePage)
    changeIn(copy, 'proxy.ts', "'/((?!_next", "'/((?!naive|_next")
    // The same routes again, at the other path that the guide allows for them.
    writeIn(
      copy,
      'app/api/next-auth/[...nextauth]/route.ts',
      `export { GET, POST } from '../../auth/[...nextauth]/route'\n`,
    )
  })
}

/**
 * Builds the same app after the move to the SDK: with the files of docs/migrate-from-next-auth.md, and without the files that this page
 * deletes.
 */
export function buildMigrated(): Promise<BuiltApp> {
  return build('The example, moved to the SDK', (copy) => {
    for (const gone of ['app/api/auth', 'app/api/invoices', 'sallyport.ts'])
      rmSync(join(copy, gone), { recursive: true })
    // The example does not set cacheComponents. Without this setting, Next refuses the line with `instant`, as docs/getting-started.md
    // says.
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
