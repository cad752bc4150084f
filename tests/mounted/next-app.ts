import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { nextBuild } from '../../scripts/example/build.ts'
import { root } from '../../scripts/install.mjs'
import { serveApp } from '../system/next-apps.ts'

const handler = 'app/api/auth/[...path]/route.ts'
const page = `export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>
}
`

/** The smallest Next app with the auth server in it: the very files of docs/your-server.md, built and started. */
export async function startNextApp(env: Record<string, string>) {
  const folder = mkdtempSync(join(root, 'tests/mounted/next-app-'))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const files = new Map(samplesOf('docs/your-server.md').map(({ file, code }) => [file, code]))
  const sample = (file: string): string => files.get(file) ?? ''
  for (const file of ['app/sallyport.ts', handler]) write(file, sample(file))
  write('app/api/user/[...path]/route.ts', sample(handler))
  write('app/.well-known/[...path]/route.ts', sample(handler).replace('../../../', '../../'))
  write('app/layout.tsx', page)
  // Types are the business of docs/samples.test.ts.
  const own = sample('next.config.ts').replace(' }\n', ', typescript: { ignoreBuildErrors: true } }\n')
  write('next.config.ts', own)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    await nextBuild(relative(root, folder), 'Building a Next app with the auth server in it')
    const served = await serveApp(
      relative(root, folder),
      (url) => ({ SALLYPORT_ISSUER: url, ...env }),
      '/.well-known/jwks.json',
    )
    return {
      ...served,
      end: async () => {
        await served.stop()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}
