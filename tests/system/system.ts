import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireBuiltWeb } from '../../scripts/example/build.ts'
import { type Config, demoPassword, environments } from '../../scripts/example/config.ts'
import { createProcesses, type ProcessSpec, untilReady } from '../../scripts/example/processes.ts'
import { newSecret } from '../../scripts/example/secrets.ts'
import { seedExample } from '../../scripts/example/seed.ts'
import { root } from '../../scripts/install.mjs'
import { programs } from '../../scripts/test/one-file/programs.ts'
import { freePort } from './free-port.ts'

export type SystemOptions = {
  /** Variables that are added to the environment of each process. */
  env?: { auth?: Record<string, string>; api?: Record<string, string>; web?: Record<string, string> }
  /** The folder of the built web app, relative to the root. Null for a system without pages. */
  web?: string | null
  /** Returns the URL that Next gets. The argument is the real URL. With this, a test can insert a hop that fails. */
  authAddressForWeb?: (url: string) => Promise<string> | string
  apiAddressForWeb?: (url: string) => Promise<string> | string
  /** Returns the public origin, if it differs from the URL of the Next process. */
  appUrl?: (webUrl: string) => Promise<string> | string
}

/** The example as a user runs it: three real processes on free ports, with their own data folder. */
export type System = {
  webUrl: string
  appUrl: string
  authUrl: string
  apiUrl: string
  dataDir: string
  /** The environment of the auth server, for commands of an operator. */
  authEnv: NodeJS.ProcessEnv
  log: string[]
  /** Starts one more Next process, as a second instance behind a balancer. Resolves to its URL. */
  startAnotherWeb(env?: Record<string, string>): Promise<string>
  stop(): Promise<void>
}

export { demoPassword }

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  if (options.web === undefined) requireBuiltWeb()
  const dataDir = mkdtempSync(join(process.env.TEST_FOLDER ?? tmpdir(), 'sallyport-test-'))
  const ports = { web: await freePort(), auth: await freePort(), api: await freePort() }
  const config: Config = {
    dev: false,
    production: false,
    dataDir,
    host: '127.0.0.1',
    ownFront: false,
    ports,
  }
  const webUrl = `http://localhost:${ports.web}`
  const authUrl = `http://localhost:${ports.auth}`
  const apiUrl = `http://localhost:${ports.api}`
  const appUrl = options.appUrl ? await options.appUrl(webUrl) : webUrl
  const secrets = {
    secret: newSecret(),
    frontendSecret: newSecret(),
    verifierSecret: newSecret(),
  }
  const env = environments(config, secrets, {
    ...process.env,
    NODE_ENV: 'development',
    APP_URL: appUrl,
    SALLYPORT_ORIGINS: appUrl,
    // Most tests need users without verification. Tests of the mailed link override this setting.
    SALLYPORT_EMAIL_VERIFICATION: 'off',
    SALLYPORT_DEVELOPMENT_INBOX: '0',
    // All tests send their requests from one address.
    SALLYPORT_THROTTLE_SCALE: '1000',
  })
  await seedExample(config, env)

  const log: string[] = []
  const processes = createProcesses((line) => log.push(line))
  const early = Promise.withResolvers<never>()
  early.promise.catch(() => {})
  const died = (spec: { name: string }, code: number | null) => {
    log.push(`${spec.name} ended by itself: ${code}`)
    early.reject(new Error(`${spec.name} ended by itself: ${code}`))
  }
  const address = {
    auth: options.authAddressForWeb ? await options.authAddressForWeb(authUrl) : authUrl,
    api: options.apiAddressForWeb ? await options.apiAddressForWeb(apiUrl) : apiUrl,
  }
  const web = options.web === null ? null : join(root, options.web ?? 'apps/billing-web')
  const specs: ProcessSpec[] = [
    {
      name: 'auth',
      args: [programs.sallyport, 'serve'],
      env: { ...env.auth, ...options.env?.auth },
      readyUrl: `${authUrl}/readyz`,
    },
    {
      name: 'api',
      args: [programs.billingApi],
      env: { ...env.api, ...options.env?.api },
      readyUrl: `${apiUrl}/readyz`,
    },
  ]
  const webSpec = (folder: string, port: number): ProcessSpec => ({
    name: 'web',
    args: [
      join(root, 'node_modules/next/dist/bin/next'),
      'start',
      folder,
      '--port',
      String(port),
      '--hostname',
      '127.0.0.1',
    ],
    env: {
      ...env.web,
      NODE_ENV: 'production',
      SALLYPORT_URL: address.auth,
      SALLYPORT_ISSUER: authUrl,
      API_URL: address.api,
      ...options.env?.web,
    },
    readyUrl: `http://localhost:${port}/`,
  })
  if (web !== null) specs.push(webSpec(web, ports.web))
  for (const spec of specs) processes.start(spec, died)
  try {
    await Promise.race([
      early.promise,
      Promise.all(specs.map(({ readyUrl }) => untilReady(readyUrl, 60_000))),
    ])
  } catch (error) {
    await processes.stop()
    throw new Error(`The system did not start: ${String(error)}\n${log.join('\n')}`)
  }
  return {
    webUrl,
    appUrl,
    authUrl,
    apiUrl,
    dataDir,
    authEnv: env.auth,
    log,
    async startAnotherWeb(added = {}) {
      if (web === null) throw new TypeError('This system has no pages.')
      const port = await freePort()
      const spec = webSpec(web, port)
      Object.assign(spec.env, added)
      processes.start(spec, died)
      await Promise.race([early.promise, untilReady(spec.readyUrl, 60_000)])
      return `http://localhost:${port}`
    },
    async stop() {
      await processes.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Signs in at the auth server as a bearer client. Use it to call the APIs without a browser. */
export async function bearerSignIn(
  authUrl: string,
  email: string,
): Promise<{ accessToken: string; refreshToken: string }> {
  const answer = await fetch(`${authUrl}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: demoPassword, transport: 'bearer' }),
  })
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as { accessToken: string; refreshToken: string }
}
