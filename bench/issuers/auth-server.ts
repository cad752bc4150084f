import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol'
import { environments } from '../../scripts/example/settings.ts'
import { type Server, startServer } from '../measure/server.ts'
import { root } from '../root.ts'

/** The real auth server in production mode, on a real disk. */
export type AuthServer = Server & {
  /** What a web app or an API that belongs to it needs to know. */
  secrets: { frontendSecret: string; verifierSecret: string }
}

export async function startAuthServer(workDir: string): Promise<AuthServer> {
  const dataDir = mkdtempSync(join(workDir, 'auth-data-'))
  const [secret, frontendSecret, verifierSecret] = [newSecret(), newSecret(), newSecret()]
  const server = await startServer({
    script: join(root, 'packages/cli/src/main.ts'),
    args: () => ['serve'],
    env: (port) =>
      environments(
        {
          dev: false,
          production: true,
          dataDir,
          host: '127.0.0.1',
          ports: { web: 3000, auth: port, api: 4100 },
        },
        { secret, frontendSecret, verifierSecret },
        { PATH: process.env.PATH, NODE_ENV: 'production' },
      ).auth,
    readyPath: paths.ready,
    logFile: join(workDir, 'auth-server.log'),
  })
  return { ...server, secrets: { frontendSecret, verifierSecret } }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
