import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../install.mjs'

export type Sample = { page: string; file: string; code: string }

/** The pages whose samples are compiled. */
export const samplePages = [
  'README.md',
  'docs/getting-started.md',
  'docs/accounts.md',
  'docs/calling-your-api.md',
  'docs/client-session.md',
  'docs/clocks.md',
  'docs/existing-backends.md',
  'docs/mailed-sign-in.md',
  'docs/organizations.md',
  'docs/passkeys.md',
  'docs/permissions.md',
  'docs/providers.md',
  'docs/proxy.md',
  'docs/second-factors.md',
  'docs/step-up.md',
  'docs/topologies.md',
  'docs/your-server.md',
  'docs/beside-next-auth.md',
  'docs/migrate-from-next-auth.md',
  'docs/paths.md',
  'docs/production/standalone.md',
]

/** Returns all TypeScript samples of a page. The first line of each sample has the name of its file. */
export function samplesOf(page: string): Sample[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(tsx?)\n([\s\S]*?)^```/gm)].map(([, language, code = '']) => {
    const file = code.match(/^\/\/ file: (\S+)\n/)?.[1]
    if (!file?.endsWith(`.${language}`))
      throw new Error(`${page}: a sample must start with "// file: name.${language}".`)
    return { page, file, code }
  })
}
