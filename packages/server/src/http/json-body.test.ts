import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { readConfig } from '../config/config.ts'
import { FlowError, type Refusal } from '../services/flow-error.ts'
import { testOptions } from '../testing/sallyport.ts'
import { noteExactLength } from './exact-length.ts'
import type { Exchange } from './exchange.ts'
import { isForm, readForm } from './form-body.ts'
import { readJsonBody } from './json-body.ts'

const limit = 100
const config = readConfig(testOptions)
const schema = z.strictObject({ a: z.string().optional() })
const tokenForm = z.object({ token: z.string(), hint: z.string().optional() })
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** `hasExactLength`: as from Node's parser, where `content-length` is reliable. A streamed body has none. */
function requestOf(body: string | ReadableStream, headers: Record<string, string>): Request {
  const init = {
    method: 'POST',
    body: typeof body === 'string' ? Buffer.from(body) : body,
    headers,
    duplex: 'half',
  }
  return new Request('http://localhost:4000/', init as RequestInit)
}
const exchangeOf = (request: Request, bodyLimitBytes = limit) =>
  ({ request, config: { ...config, bodyLimitBytes } }) as Exchange
const read = (body: string | ReadableStream, headers: Record<string, string> = json, options = {}) =>
  outcome(readJsonBody(exchangeOf(requestOf(body, headers)), schema, options))
const readField = (body: string, headers: Record<string, string> = form) =>
  outcome(
    readForm(exchangeOf(requestOf(body, headers)), tokenForm).then((fields) => tokenForm.parse(fields).token),
  )

async function outcome(reading: Promise<unknown>): Promise<unknown> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof FlowError) return error.code
    throw error
  }
}
async function refusalOf(reading: Promise<unknown>): Promise<Refusal> {
  const error = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof FlowError) return error.refusal
  throw new Error('The body was not refused.')
}

const parameters = ['', ' ', ';charset=utf-8', ' ;\t charset="UTF-8" ', '; charset="utf-8"']
const otherParameters = ['x', ';', ' x', '; charset=latin1', ';charset=utf-8x', ';charset=utf-8;x=1', ';x=1']

test.each(parameters)('a media type may be followed by %j', async (parameter) => {
  expect(await read('{"a":"b"}', { 'content-type': `application/json${parameter}` })).toEqual({ a: 'b' })
  expect(await read('{"a":"b"}', { 'content-type': `Application/JSON${parameter}` })).toEqual({ a: 'b' })
  expect(isForm(new Headers({ 'content-type': `Application/x-www-form-URLencoded${parameter}` }))).toBe(true)
})

test.each(otherParameters)('a media type followed by %j is refused [C02]', async (parameter) => {
  expect(await read('{"a":"b"}', { 'content-type': `application/json${parameter}` })).toBe(
    'unsupported_media_type',
  )
  expect(isForm(new Headers({ 'content-type': `application/x-www-form-urlencoded${parameter}` }))).toBe(false)
})

test('a media type with a prefix, or none, is refused [C02]', async () => {
  expect(await read('{}', { 'content-type': 'text/plain; application/json' })).toBe('unsupported_media_type')
  expect(await read('{}', {})).toBe('unsupported_media_type')
  const mixed = new Headers({ 'content-type': 'text/plain; application/x-www-form-urlencoded' })
  expect([isForm(mixed), isForm(new Headers())]).toEqual([false, false])
})

const sized = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`
const streamed = (...parts: string[]) => new Response(new Blob(parts)).body as ReadableStream
const text = (bytes: number) => ({ a: 'x'.repeat(bytes - 8) })

test('a body may be as long as the limit, in one or in several parts [D03]', async () => {
  const length = (bytes: number) => ({ ...json, 'content-length': String(bytes) })
  expect(await read(sized(limit), length(limit))).toEqual(text(limit))
  expect(await read(sized(limit))).toEqual(text(limit))
  expect(await read(streamed(sized(limit).slice(0, 60), sized(limit).slice(60)))).toEqual(text(limit))
  expect(await read(sized(limit + 1))).toBe('payload_too_large')
  expect(await read(streamed(sized(limit + 1).slice(0, 60), sized(limit + 1).slice(60)))).toBe(
    'payload_too_large',
  )
  expect(await read('{}', length(limit + 1))).toBe('payload_too_large')
  const noted = requestOf(sized(limit), length(limit))
  noteExactLength(noted)
  expect(await readJsonBody(exchangeOf(noted), schema)).toEqual(text(limit))
})

test('reads a body at once if its length is reliable, and in parts otherwise', async () => {
  const readsAtOnce = async (headers: Record<string, string>, isNoted: boolean) => {
    const request = requestOf('{"a":"b"}', headers)
    const atOnce = vi.spyOn(request, 'arrayBuffer')
    if (isNoted) noteExactLength(request)
    expect(await readJsonBody(exchangeOf(request), schema)).toEqual({ a: 'b' })
    return atOnce.mock.calls.length === 1
  }
  const length = { ...json, 'content-length': '9' }
  expect(await readsAtOnce(length, true)).toBe(true)
  expect(await readsAtOnce(length, false)).toBe(false)
  expect(await readsAtOnce(json, true)).toBe(false)
})

test('measures a body whose length only its sender states [D03]', async () => {
  expect(await read(sized(limit + 1), { ...json, 'content-length': '2' })).toBe('payload_too_large')
  const withoutLength = requestOf(sized(limit + 1), json)
  noteExactLength(withoutLength)
  expect(await outcome(readJsonBody(exchangeOf(withoutLength), schema))).toBe('payload_too_large')
})

test('refuses a compressed body [D03]', async () => {
  expect(await read('{}', { ...json, 'content-encoding': 'identity' })).toEqual({})
  expect(await read('{}', { ...json, 'content-encoding': 'gzip' })).toBe('unsupported_media_type')
  expect(await readField('token=a', { ...form, 'content-encoding': 'gzip' })).toBe('unsupported_media_type')
})

test('a truncated body is a bad request', async () => {
  const broken = new ReadableStream({
    pull(controller) {
      controller.error(new Error('gone'))
    },
  })
  expect(await read(broken)).toBe('invalid_request')
})

test('a body may be missing only where the endpoint allows it', async () => {
  expect(await read('', json, { mayBeEmpty: true })).toEqual({})
  expect(await read('', json)).toBe('invalid_request')
  expect(await read('[]', json, { mayBeEmpty: true })).toBe('invalid_request')
  expect(await read('{"a":1}', json, { mayBeEmpty: true })).toBe('invalid_request')
  // Without an object, no field can be named.
  for (const body of ['', '[]', 'null', '{"a":"b","a":"c"}', '{']) {
    const { details } = await refusalOf(readJsonBody(exchangeOf(requestOf(body, json)), schema))
    expect(details).toEqual({ detail: expect.stringContaining('must be one JSON object') })
  }
})

test.each([
  '{"a":"b\\u0000"}',
  '{"a\\u0000":"b"}',
  '{"a":"\\ud800"}',
  '{"c":[{"d":"\\u0000"}]}',
  '{"a":{"d\\udfff":1}}',
])('%s has characters that no field accepts', async (body) => {
  const { details } = await refusalOf(readJsonBody(exchangeOf(requestOf(body, json)), schema))
  expect(details).toEqual({ detail: 'The text in the body must not contain a NUL or an unpaired surrogate.' })
})

test('accepts numbers, null and paired surrogates', async () => {
  const open = z.record(z.string(), z.unknown())
  const body = { a: null, b: 1, c: true, d: '\u{1f600}', e: [null] }
  expect(await readJsonBody(exchangeOf(requestOf(JSON.stringify(body), json)), open)).toEqual(body)
})

test('a refusal names at most twenty fields, each with at most a hundred characters of its path', async () => {
  const long = 'x'.repeat(150)
  const members = Array.from({ length: 30 }, (_, at) => `f${at}`)
  const many = z.object(Object.fromEntries(members.map((name) => [name, z.string()])))
  const errorsOf = async (body: unknown, type: z.ZodType) =>
    (await refusalOf(readJsonBody(exchangeOf(requestOf(JSON.stringify(body), json), 1_000), type))).details
      ?.errors
  expect((await errorsOf({}, many))?.map(({ field }) => field)).toEqual(members.slice(0, 20))
  const nested = z.object({ a: z.object({ b: z.string() }) })
  expect((await errorsOf({ a: { b: 1 } }, nested))?.[0]).toMatchObject({
    field: 'a.b',
    message: expect.stringMatching(/string/),
  })
  const wide = z.record(z.string(), z.string())
  expect((await errorsOf({ [long]: 1 }, wide))?.[0]?.field).toBe(long.slice(0, 100))
  // The response does not repeat the names of unknown fields.
  expect(await errorsOf({ zzz: 1 }, schema)).toEqual([
    { field: '', message: 'There is a field that this endpoint does not accept.' },
  ])
})

test.each([
  ['token=abc', 'abc'],
  ['token=a%20b&other=c', 'a b'],
  ['token=', 'invalid_request'],
  ['other=abc', 'invalid_request'],
  ['', 'invalid_request'],
  ['token=a&token=b', 'invalid_request'],
  ['token=a&token=', 'invalid_request'],
  ['token=a%00', 'invalid_request'],
  [`token=${'x'.repeat(limit - 6)}`, 'x'.repeat(limit - 6)],
  [`token=${'x'.repeat(limit - 5)}`, 'payload_too_large'],
])('of the form %j the field is %j', async (body, expected) => {
  expect(await readField(body)).toBe(expected)
})
