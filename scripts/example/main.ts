import { join } from 'node:path'
import { fail, root } from '../install.mjs'
import { localAddress } from './address.ts'
import { startBalancer } from './balancer.ts'
import { buildWeb } from './build.ts'
import { authPorts, environments, readConfig } from './config.ts'
import { panel } from './panel.ts'
import { openExampleDatabase } from './postgres.ts'
import { preflight } from './preflight.ts'
import { createProcesses, type ProcessSpec, untilReady } from './processes.ts'
import { readSecrets } from './secrets.ts'
import { seedExample } from './seed.ts'

const started = Date.now()
const config = readConfig(process.argv.slice(2), process.env)
await preflight(config)
const secrets = readSecrets(config.dataDir, config.production, process.env)
if (!config.dev) await buildWeb()
const database = config.postgresPort ? await openExampleDatabase(config, process.env.DATABASE_URL) : null
const env = environments(config, secrets, {
  ...process.env,
  ...(database && { DATABASE_URL: database.url }),
})
await seedExample(config, env)

const { host, ports } = config
const next = join(root, 'node_modules/next/dist/bin/next')
const watch = config.dev ? ['--watch', '--watch-preserve-output'] : []
const specs: ProcessSpec[] = [
  ...authPorts(config).map(
    (port, index): ProcessSpec => ({
      name: config.postgresPort ? (index === 0 ? 'auth 1' : 'auth 2') : 'auth',
      args: [...watch, join(root, 'packages/cli/src/main.ts'), 'serve'],
      env: { ...env.auth, AUTH_PORT: String(port) },
      readyUrl: `${localAddress(host, port)}/readyz`,
    }),
  ),
  {
    name: 'api',
    args: [...watch, join(root, 'apps/billing-api/src/main.ts')],
    env: env.api,
    readyUrl: `${localAddress(host, ports.api)}/readyz`,
  },
  {
    name: 'web',
    args: [
      ...(config.ownFront
        ? [join(root, 'scripts/example/web.ts'), ...(config.dev ? ['--dev'] : [])]
        : [next, config.dev ? 'dev' : 'start', join(root, 'apps/billing-web')]),
      '--port',
      String(ports.web),
      '--hostname',
      host,
    ],
    // Next's own commands set this variable in the same way.
    env: { ...env.web, NODE_ENV: config.dev ? 'development' : 'production' },
    readyUrl: `${localAddress(host, ports.web)}/`,
  },
]

const processes = createProcesses((line) => console.log(line), config.postgresPort ? 6 : 4)
const balancer = config.postgresPort
  ? await startBalancer({ host, port: ports.auth, servers: authPorts(config) })
  : null
let ending = false
async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  balancer?.stop()
  await processes.stop()
  await database?.stop()
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!ending) console.log('\nStopping …')
    void end(0)
  })
}
// If the process that started this process ends, this process ends too.
process.on('disconnect', () => void end(0))
for (const spec of specs) {
  processes.start(spec, ({ name }, code) => {
    if (name.startsWith('auth ')) {
      // You can stop one of the two servers to see what happens without it. The other one continues to run.
      console.error(`\n${name} has ended (code ${code}). The other one keeps running.`)
      return
    }
    console.error(`\n${name} has ended by itself (code ${code}): see the reason above. Stopping the others.`)
    void end(1)
  })
}
try {
  await Promise.all(specs.map(({ readyUrl }) => untilReady(readyUrl, 60_000)))
} catch (error) {
  if (!ending) {
    await processes.stop()
    await database?.stop()
    fail(error instanceof Error ? error.message : String(error))
  }
}
if (!ending) console.log(panel(config, (Date.now() - started) / 1000))
