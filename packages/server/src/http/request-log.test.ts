import { expect, test } from 'vitest'
import {
  createLog,
  logFault,
  logFaultWithoutWords,
  logRequest,
  type RequestEvent,
  restoredStoreLog,
} from './request-log.ts'
import { noCredential } from './secret-comparison.ts'

function recording() {
  const lines: { level: number; error?: { message?: string; stack?: string } }[] = []
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

const levels = { info: 30, warn: 40, error: 50 }

test.each<[keyof typeof levels, Partial<RequestEvent>]>([
  ['info', { status: 200 }],
  ['info', { status: 401, code: 'token_invalid' }],
  ['info', { status: 401, code: 'client_unauthorized', reason: noCredential }],
  ['warn', { status: 401, code: 'client_unauthorized', reason: 'another credential' }],
  ['warn', { status: 403, code: 'frontend_refused' }],
  ['warn', { status: 401, code: 'session_ended', reason: 'reuse' }],
  ['warn', { status: 503, code: 'unavailable' }],
  ['error', { status: 500 }],
])('%s for %j', (level, event) => {
  const { log, lines } = recording()
  logRequest(log, { requestId: 'r', method: 'GET', route: '/', status: 0, ms: 1, ...event })
  expect(lines).toMatchObject([{ level: levels[level], requestId: 'r', route: '/' }])
})

test('a line is JSON with the time in UTC, the place, the event and the id of the request [ASVS 16.2.1, 16.2.2, 16.2.4]', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const event = { requestId: 'r-1', method: 'POST', route: '/api/auth/login', status: 401, ms: 3 }
  logRequest(log, { ...event, code: 'invalid_credentials', sessionId: 's-1' })
  expect(lines).toEqual([expect.stringMatching(/^\{[^\n]*\}\n$/)])
  const { time, ...rest } = JSON.parse(lines[0] ?? '')
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000)
  expect(rest).toEqual({
    ...event,
    level: 30,
    msg: 'request',
    code: 'invalid_credentials',
    sessionId: 's-1',
  })
})

test('a fault is logged with its stack; if the code handled a secret, without its message', () => {
  const { log, lines } = recording()
  logFault(log, { route: '/' }, new Error('no such column'))
  logFaultWithoutWords(log, { route: '/' }, new Error('the secret is abc'))
  logFault(log, { route: '/' }, 'thrown text')
  expect(lines.map(({ level }) => level)).toEqual([50, 50, 50])
  expect(lines[0]?.error).toMatchObject({ message: 'no such column', stack: expect.stringContaining(' at ') })
  expect(lines[1]?.error?.stack).toMatch(/^ {4}at .*request-log\.test\.ts/)
  expect(lines[2]?.error).toEqual({ name: 'string' })
  expect(JSON.stringify(lines.slice(1))).not.toMatch(/abc|thrown text/)
})

test('faults of code that handles secrets are logged by stack lines only, whatever the error looks like', () => {
  const { log, lines } = recording()
  logFaultWithoutWords(log, { route: '/' }, new TypeError('the secret is    at home'))
  logFaultWithoutWords(
    log,
    { route: '/' },
    Object.assign(new Error('of another process'), { stack: undefined }),
  )
  logFaultWithoutWords(log, { route: '/' }, 7)
  expect(lines[0]?.error?.stack).not.toContain('home')
  expect(lines.map(({ error }) => error)).toEqual([
    { name: 'TypeError', stack: expect.stringContaining(' at ') },
    { name: 'Error' },
    { name: 'number', stack: '' },
  ])
})

test('a restored earlier copy of the database is logged once, with what to do', () => {
  const { log, lines } = recording()
  const tell = restoredStoreLog(log)
  expect(lines).toEqual([])
  tell()
  expect(lines).toHaveLength(1)
  tell()
  expect(lines).toMatchObject([
    { level: 40, route: 'restored store', msg: expect.stringContaining('sallyport sessions revoke --all') },
  ])
})
