import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { passwordDelays } from '../../services/throttle-policy.ts'
import { bearer, frozenClock, password, requireTokens, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../testing/stores.ts'
import { Authenticator } from '../../testing/webauthn-authenticator.ts'
import { totpCode, totpStep } from '../../tokens/totp.ts'

const email = 'nora@example.com'
const newEmail = 'nora@new.example.com'
const tooOld = { status: 401, code: 'insufficient_user_authentication', maxAgeSeconds: 600 }
const wrongPassword = { status: 400, errors: [{ field: 'password', message: 'This is not your password.' }] }
const missingPassword = { status: 400, errors: [{ field: 'password', message: 'Enter your password.' }] }

type Options = { options: Record<string, unknown> }
type Mail = { to: string; subject: string; text: string }

/** A user who has signed up with a passkey, in the session of the sign-up. */
async function signedUp(kind: StoreKind) {
  const store = await freshStore(kind)
  const clock = frozenClock()
  const server = await startSallyport({ ...store.options, developmentInbox: true }, clock)
  const mails = async () => ((await (await server.get(paths.inbox)).json()) as { mails: Mail[] }).mails
  const mailed = async (page: string, to = email) => {
    clock.advance(1)
    const texts = (await mails()).filter((mail) => mail.to === to).map(({ text }) => text)
    const link = new RegExp(`${page}#token=([\\w-]{43})`)
    return texts.map((text) => link.exec(text)?.[1]).find((token) => token !== undefined) ?? 'no such mail'
  }
  await server.post(paths.requestPasskeySignUp, { email, name: 'Nora' })
  const token = await mailed('/signup/passkey')
  const passkey = new Authenticator()
  const { options } = (await (await server.post(paths.startPasskeySignUp, { token })).json()) as Options
  const credential = passkey.create(options)
  let { accessToken, refreshToken } = await requireTokens(
    await server.post(paths.signUpWithPasskey, { token, credential, transport: 'bearer' }),
  )

  const ask = async (method: string, path: string, body?: object) => {
    const answer = await server.fetch(path, {
      method,
      headers: { ...bearer(accessToken), 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { ...(text !== '' && (JSON.parse(text) as object)), status: answer.status }
  }
  return {
    ...{ store, server, clock, mails, mailed, ask },
    deleteAccount: (body: object = {}) => ask('DELETE', paths.deleteAccount, body),
    changeAddress: (body: object = {}) => ask('POST', paths.changeAddress, { newEmail, ...body }),
    /** The last authentication was more than ten minutes ago. */
    async grewOld() {
      clock.advance(601)
      ;({ accessToken, refreshToken } = await requireTokens(await server.refresh(refreshToken)))
    },
    async usePasskey() {
      const started = (await ask('POST', paths.startPasskeyConfirmation)) as unknown as Options
      const confirmed = await ask('POST', paths.confirmWithPasskey, {
        credential: passkey.get(started.options),
      })
      expect(confirmed.status).toBe(204)
    },
    async signInByPassword(secret: string) {
      const body = { email, password: secret, transport: 'bearer' }
      ;({ accessToken, refreshToken } = await requireTokens(await server.post(paths.signIn, body)))
    },
    user: async () =>
      (
        await store.query<{ email: string; deleteAt: number | null }>('select email, "deleteAt" from "user"')
      )[0],
  }
}

describe.each(storeKinds)('a user without a password, on %s', (kind) => {
  test('changes the address and deletes the account after a recent proof', async () => {
    const { changeAddress, deleteAccount, grewOld, usePasskey, ask, mailed, user } = await signedUp(kind)
    await grewOld()
    await usePasskey()
    expect(await changeAddress()).toEqual({ status: 202 })
    const token = await mailed('/verify-new-address', newEmail)
    expect((await ask('POST', paths.confirmAddress, { token })).status).toBe(204)
    expect(await user()).toEqual({ email: newEmail, deleteAt: null })
    const deleted = await deleteAccount()
    expect(deleted).toEqual({ status: 202, deleteAt: expect.any(Number) })
    expect(await user()).toMatchObject({ deleteAt: expect.anything() })
    expect((await ask('GET', paths.readProfile)).status).toBe(401)
  })

  test('loses nothing to a thief who has an old session [A22]', async () => {
    const { changeAddress, deleteAccount, grewOld, mails, user, store } = await signedUp(kind)
    await grewOld()
    const before = (await mails()).length
    expect(await deleteAccount()).toMatchObject(tooOld)
    expect(await changeAddress()).toMatchObject(tooOld)
    // A passkey is no second factor here, so the answers ask for no level.
    expect(await deleteAccount()).not.toHaveProperty('acr')
    // A user without a password has no password that is empty, or that is null.
    for (const secret of ['', null]) expect((await deleteAccount({ password: secret })).status).toBe(400)
    for (const secret of ['a guess', password]) {
      expect(await deleteAccount({ password: secret })).toMatchObject(wrongPassword)
      expect(await changeAddress({ password: secret })).toMatchObject(wrongPassword)
    }
    expect(await user()).toEqual({ email, deleteAt: null })
    expect(await mails()).toHaveLength(before)
    const links = await store.query(`select hash from one_time_token where purpose = 'change_address'`)
    expect(links).toEqual([])
  })

  test('has no password that could be guessed: each try is wrong and counted, also after a recent proof', async () => {
    const { deleteAccount, changeAddress, user } = await signedUp(kind)
    for (let count = 0; count < passwordDelays.free / 2; count += 1) {
      expect(await deleteAccount({ password })).toMatchObject(wrongPassword)
      expect(await changeAddress({ password })).toMatchObject(wrongPassword)
    }
    expect(await deleteAccount({ password })).toMatchObject({ status: 429, code: 'too_many_requests' })
    expect(await user()).toEqual({ email, deleteAt: null })
    expect(await deleteAccount()).toMatchObject({ status: 202 })
  })

  test('must have proved the second factor, if there is one', async () => {
    const { changeAddress, deleteAccount, grewOld, ask, clock } = await signedUp(kind)
    const { id, secret } = (await ask('POST', paths.startTotp, {})) as unknown as {
      id: string
      secret: string
    }
    const code = () => totpCode(secret, totpStep(clock()))
    expect((await ask('POST', paths.confirmTotp, { id, code: code() })).status).toBe(200)
    await grewOld()
    expect(await deleteAccount()).toMatchObject({ ...tooOld, acr: 'aal2' })
    expect(await changeAddress()).toMatchObject({ ...tooOld, acr: 'aal2' })
    // The answer does not show whether this is the password.
    expect(await deleteAccount({ password })).toMatchObject({ ...tooOld, acr: 'aal2' })
    expect((await ask('POST', paths.reauthenticate, { code: code() })).status).toBe(204)
    expect(await changeAddress()).toMatchObject({ status: 202 })
    expect(await deleteAccount()).toMatchObject({ status: 202 })
  })

  test('sets the first password with a mailed link, and must enter it from then on', async () => {
    const { server, ask, mailed, deleteAccount, changeAddress, signInByPassword, user } = await signedUp(kind)
    expect(await ask('GET', paths.listFactors)).toMatchObject({ factors: [], hasPassword: false })
    expect(
      await ask('POST', paths.changePassword, { currentPassword: password, newPassword: 'another long one' }),
    ).toMatchObject({ status: 400, errors: [{ field: 'currentPassword' }] })
    await server.post(paths.forgotPassword, { email })
    const token = await mailed('/reset')
    expect((await server.post(paths.resetPassword, { token, newPassword: password })).status).toBe(204)
    expect((await deleteAccount()).status).toBe(401)
    await signInByPassword(password)
    expect(await ask('GET', paths.listFactors)).toMatchObject({ factors: [], hasPassword: true })
    expect(await deleteAccount()).toMatchObject(missingPassword)
    expect(await changeAddress()).toMatchObject(missingPassword)
    expect(await deleteAccount({ password: 'a guess' })).toMatchObject(wrongPassword)
    expect(await user()).toEqual({ email, deleteAt: null })
    expect(await deleteAccount({ password })).toMatchObject({ status: 202 })
  })
})
