import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshStore } from '../../packages/server/src/testing/stores.ts'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { demoPassword } from '../../scripts/example/config.ts'
import { root } from '../../scripts/install.mjs'
import { writeIn } from '../system/next-apps.ts'
import { type Backend, startExpress } from './backends.ts'

const app = 'http://localhost:3000'
const guide = 'docs/existing-backends.md'
const endings: (() => void | Promise<void>)[] = []
let backend: Backend
let folder: string
let databaseUrl: string

beforeAll(async () => {
  backend = await startExpress('body')
  endings.push(() => backend.stop())
  // In this folder, so that packages resolve as they do for a customer.
  folder = mkdtempSync(join(root, 'tests/existing-backends/instances-'))
  endings.push(() => rmSync(folder, { recursive: true, force: true }))
  for (const { file, code } of samplesOf(guide))
    if (/^(?:several-instances|express-body)\//.test(file))
      // Node without Next requires the full file name.
      writeIn(folder, file, code.replace("'./postgres-store'", "'./postgres-store.ts'"))
  const store = await freshStore('PostgreSQL', (ending) => endings.push(ending))
  if (!('databaseUrl' in store.options)) throw new Error('PostgreSQL has an address')
  databaseUrl = store.options.databaseUrl
  const [, schema = ''] = /```sql\n([\s\S]*?)```/.exec(readFileSync(join(root, guide), 'utf8')) ?? []
  await store.query(schema)
}, 60_000)
afterAll(async () => {
  for (const ending of endings.reverse()) await ending()
})

/** Two processes of one app, with the `issuer.ts` of the guide. */
async function startInstances(sample: 'several-instances' | 'express-body') {
  const log: string[] = []
  const start = async () => {
    const child = spawn(
      process.execPath,
      [join(root, 'tests/existing-backends/instance.mjs'), join(folder, sample, 'issuer.ts')],
      {
        env: {
          ...process.env,
          NODE_ENV: 'production',
          APP_URL: app,
          BACKEND_URL: backend.url,
          DATABASE_URL: databaseUrl,
        },
      },
    )
    endings.push(() => void child.kill('SIGKILL'))
    child.stderr.on('data', (text) => log.push(String(text)))
    return new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve)
      child.once('close', (code) => reject(new Error(`ended by itself: ${code}\n${log.join('')}`)))
    })
  }
  const urls = await Promise.all([start(), start()])

  async function ask(at: number, method: string, path: string, cookie: string, body?: object) {
    const answer = await fetch(new URL(path, urls[at % urls.length]), {
      method,
      headers: { origin: app, cookie, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const set = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, set }
  }
  const login = await ask(0, 'POST', '/api/auth/login', '', {
    email: 'finance@example.com',
    password: demoPassword,
  })
  expect(login.status).toBe(200)
  return { ask, cookies: login.set, log }
}

const refreshCookie = (set: string[]) => set.find((pair) => pair.startsWith('refreshToken=')) ?? ''

describe('two instances, with a backend that accepts each refresh token once', () => {
  it('sign nobody out with the PostgreSQL store of the guide', async () => {
    const { ask, cookies, log } = await startInstances('several-instances')
    let cookie = refreshCookie(cookies)
    for (let round = 0; round < 5; round++) {
      const asked = Array.from({ length: 10 }, (_, at) => ask(at, 'GET', '/api/auth/session', cookie))
      const answers = await Promise.all(asked)
      for (const { status, body } of answers)
        expect([status, body]).toEqual([200, { principal: expect.objectContaining({ roles: ['finance'] }) }])
      const next = new Set(answers.map(({ set }) => refreshCookie(set)))
      expect(next.size).toBe(1)
      expect([...next][0]).not.toBe(cookie)
      cookie = [...next][0] ?? ''
    }
    expect(log.join('')).not.toContain('several instances')
  })

  it('sign one of two tabs out without a store, and log a warning', async () => {
    const { ask, cookies, log } = await startInstances('express-body')
    const cookie = refreshCookie(cookies)
    const answers = await Promise.all([0, 1].map((at) => ask(at, 'GET', '/api/auth/session', cookie)))
    expect(answers.filter(({ body }) => body.principal === null)).toHaveLength(1)
    const told = log
      .join('')
      .split('\n')
      .filter((line) => line.includes('refreshStore'))
    expect(told.length).toBe(2)
  })
})
