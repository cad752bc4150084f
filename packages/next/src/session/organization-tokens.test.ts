import { problem } from '@sallyport/protocol'
import { expect, it, vi } from 'vitest'
import { createOrganizationTokens } from './organization-tokens.ts'

const browser = { address: null, userAgent: null, requestId: null, device: null }
const success = (token: string) => ({
  ok: true as const,
  access_token: token,
  organization: { id: 'o-1', slug: 'acme', name: 'Acme' },
})

/** `call` is the auth server. It answers with a new token each time. */
function started() {
  let issued = 0
  const call = vi.fn(async (..._sent: unknown[]): Promise<unknown> => success(`token-${++issued}`))
  const tokens = createOrganizationTokens({ call: call as never })
  const trade = (session: string, organization = 'acme') => tokens.trade(session, organization, browser)
  return { call, tokens, trade }
}

it('requests at the same time share one exchange, and later ones get the stored token', async () => {
  const { call, trade } = started()
  const answers = await Promise.all([trade('session-a'), trade('session-a'), trade('session-a')])
  expect(new Set(answers).size).toBe(1)
  expect(await trade('session-a')).toMatchObject({ access_token: 'token-1' })
  expect(call).toHaveBeenCalledTimes(1)
})

it('no other session and no other organization gets the token [G07]', async () => {
  const { call, trade } = started()
  const found = [await trade('session-a'), await trade('session-b'), await trade('session-a', 'other')]
  expect(new Set(found).size).toBe(3)
  // The separator of the key cannot be part of a token.
  await trade('session-a acme', 'other')
  expect(call).toHaveBeenCalledTimes(4)
})

it('a refusal is not stored, so an invitation works at once', async () => {
  const { call, trade } = started()
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  call.mockResolvedValueOnce({ ok: false, problem: problem('not_found') })
  expect(await trade('session-a')).toMatchObject({ ok: false })
  expect(await trade('session-a')).toMatchObject({ ok: true })
  call.mockResolvedValueOnce({ ok: false, problem: problem('not_found') })
  await trade('session-b')
  // The developer may have forgotten the setting of the auth server. This is said once.
  expect(warn.mock.calls).toEqual([[expect.stringContaining('SALLYPORT_ORGANIZATIONS=on')]])
})

it('a refused token is removed, and a newer one stays', async () => {
  const { tokens, trade } = started()
  await trade('session-a')
  tokens.forget('session-a', 'acme', 'token-1')
  expect(await trade('session-a')).toMatchObject({ access_token: 'token-2' })
  // A slower request was refused with the old token.
  tokens.forget('session-a', 'acme', 'token-1')
  expect(await trade('session-a')).toMatchObject({ access_token: 'token-2' })
})

it('stores at most 10,000 tokens, and removes the one that was not used for the longest time', async () => {
  const { call, trade } = started()
  for (let session = 0; session < 10_000; session += 1) await trade(`session-${session}`)
  await trade('session-0')
  await trade('one more')
  expect(call).toHaveBeenCalledTimes(10_001)
  await trade('session-0')
  expect(call).toHaveBeenCalledTimes(10_001)
  await trade('session-1')
  expect(call).toHaveBeenCalledTimes(10_002)
})
