import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { buildCopy, changeIn, type ServedApp, writeIn } from '../system/next-apps.ts'
import type { Backend } from './backends.ts'

/** The backends of docs/existing-backends.md, by the folder of their sample. */
export type BackendName =
  | 'simplejwt'
  | 'simplejwt-hs256'
  | 'express-body'
  | 'express-cookie'
  | 'aspnet-identity'

export type Dashboard = {
  /** Serves the dashboard for one backend, as the guide says, without our server. */
  serve(name: BackendName, backend: Backend, backendUrl: string): Promise<ServedApp>
  remove(): void
}

/** Builds the billing dashboard with the `issuer.ts` of each guide. */
export async function buildDashboard(): Promise<Dashboard> {
  const built = await buildCopy('apps/billing-web', 'A dashboard for other backends', (copy) => {
    const names: string[] = []
    for (const { file, code } of samplesOf('docs/existing-backends.md')) {
      // This sample needs a database, and has its own test.
      if (!file.endsWith('issuer.ts') || file.startsWith('several-instances/')) continue
      const name = file === 'issuer.ts' ? 'simplejwt' : dirname(file)
      names.push(name)
      writeIn(copy, `issuers/${name}.ts`, code)
    }
    const variables = names.map((name) => name.replace(/\W/g, '_'))
    const imports = names.map(
      (name, at) => `import { issuer as ${variables[at]} } from './issuers/${name}.ts'`,
    )
    const entries = names.map((name, at) => `  '${name}': () => ${variables[at]},`)
    writeIn(
      copy,
      'issuer.ts',
      `${imports.join('\n')}\nconst issuers = {\n${entries.join('\n')}\n}\n` +
        `export const issuer = issuers[(process.env.BACKEND ?? 'express-body') as keyof typeof issuers]()\n`,
    )
    const withIssuer = `import { issuer } from './issuer.ts'\n`
    for (const [file, call] of [
      ['auth.ts', 'createAuth({'],
      ['proxy.ts', 'authProxy({'],
    ] as const) {
      changeIn(copy, file, call, `${call} issuer,`)
      writeIn(copy, file, withIssuer + readFileSync(join(copy, file), 'utf8'))
    }
  })
  return {
    remove: built.remove,
    serve: (name, backend, backendUrl) =>
      built.serve((url) => ({
        APP_URL: url,
        API_URL: `${backendUrl}/billing`,
        BACKEND: name,
        BACKEND_URL: backendUrl,
        ...backend.env,
      })),
  }
}
