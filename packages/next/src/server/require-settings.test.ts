import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
const program = `
  import { lazyConfig } from ${module('../config/config.ts')}
  import { requireSettings } from ${module('./require-settings.ts')}
  requireSettings(lazyConfig({}))
  console.log('checked')`
const good = {
  APP_URL: 'https://app.example.com',
  SALLYPORT_URL: 'http://localhost:4000',
  SALLYPORT_AUDIENCE: 'web',
  SALLYPORT_FRONTEND_SECRET: 'frontend-4GhJk8TnWdRyUiMp2ZlCsBgM',
  SALLYPORT_VERIFIER_SECRET: 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY',
}

const started = (env: Record<string, string>) => {
  const args = ['--input-type=module', '--eval', program]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  return { status, stdout, stderr }
}

it('ends a production process with a wrong setting, and names it in one line', () => {
  const { SALLYPORT_VERIFIER_SECRET: _, ...incomplete } = good
  expect(started({ ...incomplete, NODE_ENV: 'production' })).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Sallyport: [^\n]*SALLYPORT_VERIFIER_SECRET[^\n]*\n$/),
  })
})

it('throws in development, and accepts correct settings', () => {
  expect(started({ ...good, APP_URL: 'nonsense', NODE_ENV: 'development' })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('TypeError: `app`'),
  })
  expect(started({ ...good, NODE_ENV: 'production' })).toEqual({ status: 0, stdout: 'checked\n', stderr: '' })
})
