import { paths } from '@sallyport/protocol/endpoints'
import { expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../packages/next/src/config/config.ts'
import { runtimeFor } from '../../packages/next/src/session/runtime.ts'
import { openPage } from '../../packages/next/src/testing/open-page.ts'
import { serve } from '../../packages/server/src/node.ts'
import { frontendSecret, testOptions, verifierSecret } from '../../packages/server/src/testing/sallyport.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { freePort } from '../system/free-port.ts'
import { appOrigin } from './front.ts'

it('logs a change of the profile, even without a list of origins', async () => {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const auth = await serve({
    ...testOptions,
    origins: 'https://other.example',
    host: '127.0.0.1',
    issuer,
    port,
    dataDir: temporaryFolder(),
    logLevel: 'silent',
  })
  onTestFinished(() => auth.close())
  const password = 'velvet harbour quilt seven'
  await auth.sallyport.operator.users.create({ email: 'ada@example.com', name: 'Ada', password })

  const config = readConfig(
    {
      server: issuer,
      audience: 'billing-web',
      app: appOrigin,
      frontendSecret,
      verifierSecret,
      trustedProxyHops: 1,
    },
    {},
  )
  const page = openPage(runtimeFor(config))
  const headers = { 'x-forwarded-for': '203.0.113.7', 'user-agent': 'Own/1.0' }
  const body = JSON.stringify({ email: 'ada@example.com', password })
  expect(await page.ask('POST', 'login', { headers, body })).toMatchObject({ status: 200 })
  const changed = await page.ask('PATCH', paths.readProfile, {
    headers,
    body: JSON.stringify({ name: 'Ada L.' }),
  })
  expect(changed).toMatchObject({ status: 200, body: { user: { name: 'Ada L.' } } })
  const { body: told } = await page.ask('GET', paths.listActivity, { headers })
  const { activity } = told as { activity: Record<string, unknown>[] }
  // Newest first; the oldest is that of the operator who created the account.
  expect(activity).toHaveLength(3)
  for (const line of activity.slice(0, 2))
    expect(line).toMatchObject({ address: '203.0.113.7', userAgent: 'Own/1.0' })
})
