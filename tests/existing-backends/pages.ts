import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { nextBuild } from '../../scripts/example/build.ts'
import { createProcesses, untilReady } from '../../scripts/example/processes.ts'
import { root } from '../../scripts/install.mjs'
import { freePort } from '../system/free-port.ts'
import type { Backend } from './backends.ts'

/** The backends of docs/existing-backends.md, by the folder of their sample. */
export type BackendName =
  | 'simplejwt'
  | 'simplejwt-hs256'
  | 'express-body'
  | 'express-cookie'
  | 'aspnet-identity'

export type Dashboard = {
  /** Serves it for one backend, as the guide says, with nothing of our server running. */
  serve(
    name: BackendName,
    backend: Backend,
    backendUrl: string,
  ): Promise<{ url: string; log: string[]; stop(): Promise<void> }>
  remove(): void
}

/** Builds the billing dashboard with the very `issuer.ts` of each guide in it. */
export async function buildDashboard(): Promise<Dashboard> {
  const copy = mkdtempSync(join(root, 'apps/billing-web-existing-backends-'))
  cpSync(join(root, 'apps/billing-web'), copy, {
    recursive: true,
    filter: (from) => !/[\\/](?:\.next|node_modules|samples-\w+)$/.test(from),
  })
  const names: string[] = []
  for (const { file, code } of samplesOf('docs/existing-backends.md')) {
    if (!file.endsWith('issuer.ts')) continue
    const name = file === 'issuer.ts' ? 'simplejwt' : dirname(file)
    names.push(name)
    mkdirSync(join(copy, 'issuers'), { recursive: true })
    writeFileSync(join(copy, `issuers/${name}.ts`), code)
  }
  const variables = names.map((name) => name.replace(/\W/g, '_'))
  const imports = names.map((name, at) => `import { issuer as ${variables[at]} } from './issuers/${name}.ts'`)
  const entries = names.map((name, at) => `  '${name}': () => ${variables[at]},`)
  writeFileSync(
    join(copy, 'issuer.ts'),
    `${imports.join('\n')}\nconst issuers = {\n${entries.join('\n')}\n}\n` +
      `export const issuer = issuers[(process.env.BACKEND ?? 'express-body') as keyof typeof issuers]()\n`,
  )
  change(join(copy, 'auth.ts'), 'createAuth({', 'createAuth({ issuer,')
  change(join(copy, 'proxy.ts'), 'authProxy({', 'authProxy({ issuer,')
  const remove = () => rmSync(copy, { recursive: true, force: true })
  try {
    await nextBuild(relative(root, copy), 'Building a copy of the dashboard for other backends')
  } catch (error) {
    remove()
    throw error
  }

  return {
    remove,
    async serve(name, backend, backendUrl) {
      const port = await freePort()
      const url = `http://localhost:${port}`
      const log: string[] = []
      const processes = createProcesses((line) => log.push(line))
      const env = {
        ...process.env,
        NODE_ENV: 'production',
        APP_URL: url,
        API_URL: `${backendUrl}/billing`,
        BACKEND: name,
        BACKEND_URL: backendUrl,
        ...backend.env,
      }
      const args = [
        join(root, 'node_modules/next/dist/bin/next'),
        'start',
        copy,
        '--port',
        String(port),
        '--hostname',
        '127.0.0.1',
      ]
      const early = Promise.withResolvers<never>()
      processes.start({ name: 'web', args, env, readyUrl: url }, (_, code) =>
        early.reject(new Error(`The pages ended by themselves: ${code}\n${log.join('\n')}`)),
      )
      await Promise.race([early.promise, untilReady(url, 60_000)])
      return { url, log, stop: () => processes.stop() }
    },
  }
}

function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  writeFileSync(file, `import { issuer } from './issuer.ts'\n${text.replace(from, to)}`)
}
