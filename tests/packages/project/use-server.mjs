import { createSallyport, optionsFromEnvironment } from '@sallyport/server'
import { serve } from '@sallyport/server/node'

/** Runs an auth server in this process. It must find the files that it reads at run time. */
export async function useServer(dataDir) {
  const options = optionsFromEnvironment({
    ...process.env,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
    AUTH_PORT: '0',
  })
  const mounted = await createSallyport(options)
  const common = await mounted.fetch(registration('http://localhost:4000', 'football12345678'))
  const { code, errors } = await common.json()
  await mounted.close()

  const running = await serve(options)
  const health = await fetch(new URL('/readyz', running.url))
  const registered = await fetch(registration(running.url, 'open the second door'))
  await running.close()
  return {
    migrations: mounted.migrations.length,
    common: [common.status, code, errors?.[0]?.field],
    ready: health.status,
    registered: registered.status,
  }
}

function registration(url, password) {
  return new Request(new URL('/api/auth/register', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', password, name: 'Ada Lovelace', transport: 'bearer' }),
  })
}
