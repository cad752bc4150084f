import { expect, test, vi } from 'vitest'
import { createIntrospection } from './introspection.ts'
import { refusalOf } from './testing/refusal.ts'

const live = { active: true, sub: 'user-1', sid: 'session-1', exp: 1 }

/** Creates an introspection function. The test sets its clock and reads its requests. */
function bench(answer: () => Promise<Response>) {
  const state = { time: 1_000_000, answer, asked: [] as { url: string; init: RequestInit | undefined }[] }
  const requireActive = createIntrospection({
    url: 'https://auth.example.com/api/auth/introspect',
    credential: 'the credential',
    timeoutSeconds: 2,
    clock: () => state.time,
    fetch: (url, init) => {
      state.asked.push({ url: String(url), init })
      return state.answer()
    },
  })
  return { state, requireActive }
}

const yes = async () => Response.json(live)

test('asks by POST with the credential, follows no redirect, caches nothing and waits two seconds', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout')
  const { state, requireActive } = bench(yes)
  await expect(requireActive('a.b.c')).resolves.toBeUndefined()
  expect(timeout).toHaveBeenCalledExactlyOnceWith(2000)
  timeout.mockRestore()
  expect(state.asked).toEqual([
    {
      url: 'https://auth.example.com/api/auth/introspect',
      init: {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          authorization: 'Bearer the credential',
        },
        body: '{"token":"a.b.c"}',
        redirect: 'error',
        cache: 'no-store',
        signal: expect.any(AbortSignal),
      },
    },
  ])
})

test('asks again for every request, except those that wait for the same response', async () => {
  const { state, requireActive } = bench(yes)
  await Promise.all([requireActive('one'), requireActive('one'), requireActive('two')])
  expect(state.asked).toHaveLength(2)
  await requireActive('one')
  expect(state.asked).toHaveLength(3)
})

test('a token that is not active is stale, and its next request asks again', async () => {
  const { state, requireActive } = bench(async () => Response.json({ active: false }))
  for (let count = 1; count <= 2; count += 1) {
    expect(await refusalOf(requireActive('one'))).toMatchObject({ code: 'token_stale' })
    expect(state.asked).toHaveLength(count)
  }
  state.answer = yes
  await expect(requireActive('one')).resolves.toBeUndefined()
})

test.each<[string, () => Promise<Response>]>([
  ['no answer', () => Promise.reject(new TypeError('no network'))],
  ['a 500', async () => Response.json(live, { status: 500 })],
  ['a page', async () => new Response(JSON.stringify(live), { headers: { 'content-type': 'text/html' } })],
  ['active as a text', async () => Response.json({ ...live, active: 'true' })],
  ['active of nobody', async () => Response.json({ active: true })],
])('after %s, refuses all requests and asks nothing for a second', async (_, failure) => {
  const { state, requireActive } = bench(failure)
  const first = await refusalOf(requireActive('one'))
  expect(first).toMatchObject({ code: 'unavailable', cause: expect.anything() })
  state.answer = yes
  for (const passed of [0, 999]) {
    state.time = 1_000_000 + passed
    expect(await refusalOf(requireActive('two'))).toMatchObject({ code: 'unavailable' })
  }
  expect(state.asked).toHaveLength(1)
  state.time = 1_001_000
  await expect(requireActive('two')).resolves.toBeUndefined()
})

test('asks again at once after the clock was put back', async () => {
  const { state, requireActive } = bench(() => Promise.reject(new TypeError('no network')))
  await refusalOf(requireActive('one'))
  state.answer = yes
  state.time -= 1
  await expect(requireActive('one')).resolves.toBeUndefined()
})
