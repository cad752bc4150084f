import { headers as headerNames } from '@sallyport/protocol'
import { type Identity, paths, type TotpStarted } from '@sallyport/protocol/endpoints'
import { oidc } from '../index.ts'
import { totpCode, totpStep } from '../tokens/totp.ts'
import { startMockProvider, testClient, visitProvider } from './outside-providers.ts'
import {
  bearer,
  frontendSecret,
  metricsSecret,
  origin,
  requireTokens,
  startSallyport,
  testOptions,
  verifierSecret,
} from './sallyport.ts'
import { Authenticator } from './webauthn-authenticator.ts'

/** Passwords. They must not appear in any log line, response, metric or table. */
export const secrets = {
  chosen: 'canary password of the day',
  changed: 'canary password that came second',
  reset: 'canary password out of a mail',
  wrong: 'canary password of another',
} as const
export const serverSecrets = [testOptions.secret, frontendSecret, verifierSecret, metricsSecret]

export const persons = {
  email: 'canary-address@example.com',
  newEmail: 'canary-moved@example.com',
  waiting: 'canary-waiting@example.com',
  withPasskey: 'canary-passkey@example.com',
  atProvider: 'canary-provider@example.com',
  subject: 'canary-subject',
  name: 'Canary',
  newName: 'Renamed',
  address: '203.0.113.77',
  userAgent: 'canary-agent/1.0',
} as const

export type WalkedMail = { to: string; subject: string; text: string; html: string }
/** A response that refuses a request or reports an error. */
type Refusal = { path: string; status: number; text: string }

type Ask = (method: string, path: string, body?: unknown, more?: Record<string, string>) => Promise<Response>
type Keep = (answer: Response) => Promise<{ accessToken: string }>

/** A provider whose tokens must be refreshed at once. Its errors contain secrets. */
async function startCanaryProvider() {
  const { subject, atProvider: email, name } = persons
  const user = { sub: subject as string, email, email_verified: true, name }
  const { issuer, service } = await startMockProvider(user)
  const secrets = new Set<string>([testClient.clientSecret])
  const provider = { user, issuer, secrets, isRefusing: false }
  service.on('beforeTokenSigning', ({ payload }: { payload: Record<string, unknown> }) => {
    payload.sub = user.sub
  })
  type Answer = { statusCode: number; body: Record<string, unknown> }
  service.on('beforeResponse', (answer: Answer, { body: sent }: { body: Record<string, string> }) => {
    const { access_token, refresh_token, id_token } = answer.body
    for (const value of [access_token, refresh_token, id_token, sent.code_verifier])
      if (value !== undefined) secrets.add(String(value))
    answer.body.expires_in = 30
    if (!provider.isRefusing) return
    answer.statusCode = 400
    answer.body = { error: 'invalid_grant', error_description: `${sent.refresh_token} of ${user.email}` }
  })
  service.on('beforeRevoke', (answer: { statusCode: number }) => {
    answer.statusCode = 500
  })
  return provider
}

/** Signs up at the provider, links another account, reads tokens for its API, and removes a link. The tokens are stored. */
async function walkThroughProvider(
  provider: Awaited<ReturnType<typeof startCanaryProvider>>,
  ask: Ask,
  keep: Keep,
) {
  const { user, secrets } = provider
  const at = { provider: 'acme', transport: 'bearer' }
  const begin = async (details: object = {}, more?: Record<string, string>) => {
    const answer = await ask('POST', paths.startProvider, { ...at, ...details }, more)
    const { url, providerState } = (await answer.json()) as { url: string; providerState: string }
    const callback = await visitProvider(url)
    const nonce = new URL(url).searchParams.get('nonce')
    for (const secret of [providerState, nonce, callback.state, callback.code])
      if (secret) secrets.add(secret)
    return { callback, providerState }
  }
  const finish = (begun: Awaited<ReturnType<typeof begin>>, more?: Record<string, string>) =>
    ask('POST', paths.finishProvider, { ...at, ...begun }, more)

  const begun = await begin()
  await finish({ ...begun, providerState: `${begun.providerState}x` })
  const own = bearer((await keep(await finish(begun))).accessToken)
  await finish(begun)
  const { callback, providerState } = await begin()
  const refusal = { error: 'access_denied', error_description: `${user.email}, ${callback.code}` }
  await finish({ callback: { state: callback.state ?? '', ...refusal }, providerState })
  // The values of this form stay stored.
  const { callback: held } = await begin()
  await ask('POST', paths.holdProviderCallback, { provider: 'acme', callback: held })
  await ask('POST', paths.holdProviderCallback, { provider: 'acme', callback: held })

  const readToken = (name: string) => ask('POST', paths.readProviderToken, { provider: name }, own)
  await readToken('acme')
  await readToken('nowhere')
  user.sub = `${persons.subject}-2`
  await finish(await begin({ purpose: 'link' }, own), own)
  const { identities } = (await (await ask('GET', paths.listIdentities, undefined, own)).json()) as {
    identities: Identity[]
  }
  const unlinked = `${paths.listIdentities}/${identities.at(-1)?.id}`
  await ask('DELETE', unlinked, undefined, own)
  await ask('DELETE', unlinked, undefined, own)
  provider.isRefusing = true
  await readToken('acme')
  await readToken('acme')
  provider.isRefusing = false
  user.sub = persons.subject
  await keep(await finish(await begin()))
}

/** Runs every flow with success and with failure. Collects the secrets and the responses. */
export async function walkThroughEverything() {
  const provider = await startCanaryProvider()
  const acme = oidc({ ...testClient, issuer: provider.issuer, label: 'Acme', keepTokens: true })
  const server = await startSallyport(
    {
      metricsSecret,
      developmentInbox: true,
      emailVerification: 'sign-in',
      mailedSignIn: 'on',
      productName: 'Ledgerline',
    },
    undefined,
    { providers: { acme } },
  )
  const { email, newEmail, name, newName } = persons
  const found = { tokens: new Set<string>(), devices: new Set<string>() }
  /** The secrets of authenticator apps, and recovery codes. */
  const factors = new Set<string>()
  /** The challenges for passkeys, the handles with which they are answered, and the signed answers. */
  const passkeys = new Set<string>()
  /** The recipient of each mailed secret. */
  const links = new Map<string, string>()
  const refusals: Refusal[] = []
  const front = {
    [headerNames.frontendCredential]: frontendSecret,
    [headerNames.clientAddress]: persons.address,
    [headerNames.clientUserAgent]: persons.userAgent,
  }

  async function ask(method: string, path: string, body?: unknown, more: Record<string, string> = {}) {
    // Advance the clock, so that stored rows have an order.
    server.clock.now += 1
    const answer = await server.fetch(path, {
      method,
      headers: { ...front, ...(body !== undefined && { 'content-type': 'application/json' }), ...more },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const device = answer.headers.get(headerNames.device)
    if (device !== null) found.devices.add(device)
    if (answer.status >= 400) {
      const said = `${JSON.stringify([...answer.headers])} ${await answer.clone().text()}`
      refusals.push({ path, status: answer.status, text: said })
    }
    return answer
  }
  const post = (path: string, body: unknown, more?: Record<string, string>) => ask('POST', path, body, more)
  const keep = async (answer: Response) => {
    const issued = await requireTokens(answer)
    found.tokens.add(issued.accessToken).add(issued.refreshToken)
    return issued
  }
  const inbox = async () => ((await (await ask('GET', paths.inbox)).json()) as { mails: WalkedMail[] }).mails
  const linkFor = async (to: string) => {
    const mail = (await inbox()).find((mail) => mail.to === to && mail.text.includes('#token='))
    const link = /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1]
    if (link === undefined) throw new Error(`No link was mailed to ${to}.`)
    links.set(link, to)
    return link
  }
  const account = (password: string, address: string = email) => ({
    email: address,
    password,
    transport: 'bearer',
  })
  const verify = (token: string, password: string) =>
    post(paths.verifyAddress, { token, password, transport: 'bearer' })

  // Sign-up. The address is verified at the second try.
  await post(paths.signUp, { ...account('short'), name })
  await post(paths.signUp, { ...account(secrets.chosen), name })
  const older = await linkFor(email)
  await post(paths.resendVerification, { email })
  await verify(older, secrets.chosen)
  const signUpLink = await linkFor(email)
  await verify(signUpLink, secrets.wrong)
  await keep(await verify(signUpLink, secrets.chosen))
  await verify(signUpLink, secrets.chosen)
  await post(paths.signUp, { ...account(secrets.chosen), name })
  // Add a user who does not use the link, so that the link stays stored.
  await post(paths.signUp, { ...account(secrets.chosen, persons.waiting), name })
  await linkFor(persons.waiting)

  // Sign-in and refresh, as the front end does them.
  const first = await keep(await post(paths.signIn, account(secrets.chosen)))
  await post(paths.signIn, account(secrets.wrong))
  await post(paths.signIn, account(secrets.chosen, `${email}.nowhere`))
  await post(paths.signIn, { ...account(secrets.chosen), [email]: secrets.chosen })
  await post(paths.signIn, account(secrets.wrong), { [headerNames.device]: [...found.devices][0] ?? '' })
  const second = await keep(await post(paths.refresh, { refreshToken: first.refreshToken }))
  const own = bearer(second.accessToken)
  await ask('GET', `${paths.readSession}?token=${second.accessToken}&email=${email}`, undefined, own)
  await ask('GET', `/${second.refreshToken}/${email}`)
  await server.introspect(second.accessToken)
  await server.introspect(`${second.accessToken}x`)
  await ask('GET', paths.readSession, undefined, bearer(`${second.accessToken}x`))
  await ask('PATCH', paths.readProfile, { name: newName, password: secrets.chosen }, own)
  await ask('PATCH', paths.readProfile, { name: newName }, own)

  // The account of the user: password check, audit log, data, sessions.
  await post(paths.reauthenticate, { password: secrets.wrong }, own)
  await post(paths.reauthenticate, { password: secrets.chosen }, own)
  await ask('GET', paths.listActivity, undefined, own)
  await ask('GET', paths.downloadData, undefined, own)
  await ask('GET', paths.listSessions, undefined, own)
  await ask('DELETE', `${paths.listSessions}/${second.refreshToken}`, undefined, own)
  await ask('DELETE', `${paths.listSessions}?except=current`, undefined, own)
  // After the other sessions were ended, a new token is needed.
  const third = await keep(await post(paths.refresh, { refreshToken: second.refreshToken }))
  const change = (currentPassword: string, newPassword: string) =>
    post(paths.changePassword, { currentPassword, newPassword }, bearer(third.accessToken))
  await change(secrets.wrong, secrets.changed)
  await change(secrets.chosen, `${email}1`)
  await change(secrets.chosen, secrets.changed)
  const fourth = await keep(await post(paths.refresh, { refreshToken: third.refreshToken }))
  const move = (password: string) =>
    post(paths.changeAddress, { newEmail, password }, bearer(fourth.accessToken))
  await move(secrets.wrong)
  await move(secrets.changed)
  const addressLink = await linkFor(newEmail)
  await post(paths.confirmAddress, { token: `${addressLink}x` })
  await post(paths.confirmAddress, { token: addressLink })
  await post(paths.confirmAddress, { token: addressLink, password: secrets.wrong })
  await post(paths.confirmAddress, { token: addressLink, password: secrets.changed })
  await post(paths.confirmAddress, { token: addressLink, password: secrets.changed })

  // A forgotten password, an unknown user, and a reused token.
  await post(paths.forgotPassword, { email: 'nobody@example.com' })
  await post(paths.forgotPassword, { email: newEmail })
  const resetLink = await linkFor(newEmail)
  await post(paths.resetPassword, { token: `${resetLink}x`, newPassword: secrets.reset })
  await post(paths.resetPassword, { token: resetLink, newPassword: `${newEmail}1` })
  await post(paths.resetPassword, { token: resetLink, newPassword: secrets.reset })
  await post(paths.resetPassword, { token: resetLink, newPassword: secrets.reset })
  const fifth = await keep(await post(paths.signIn, account(secrets.reset, newEmail)))
  const sixth = await keep(await post(paths.refresh, { refreshToken: fifth.refreshToken }))
  await keep(await post(paths.refresh, { refreshToken: sixth.refreshToken }))
  await post(paths.refresh, { refreshToken: fifth.refreshToken })

  // Mailed codes and links: wrong, elsewhere, right, again.
  const codes = new Set<string>()
  const askForCode = async () => {
    const asked = await post(paths.requestSignInMail, { email: newEmail, transport: 'bearer' })
    const { mailedSignIn } = (await asked.json()) as { mailedSignIn: string }
    links.set(mailedSignIn, newEmail)
    const mail = (await inbox()).find(({ to, text }) => to === newEmail && /^\d{6}$/m.test(text))
    const code = /^\d{6}$/m.exec(mail?.text ?? '')?.[0] ?? ''
    codes.add(code)
    const token = await linkFor(newEmail)
    return { code, mailedSignIn, token }
  }
  const enter = (body: object) => post(paths.signInWithMailedCode, { ...body, transport: 'bearer' })
  await post(paths.requestSignInMail, { email: 'nobody@example.com', transport: 'bearer' })
  const { token: _, ...mailed } = await askForCode()
  await enter({ ...mailed, code: String((Number(mailed.code) + 1) % 1_000_000).padStart(6, '0') })
  await enter({ code: mailed.code })
  await keep(await enter(mailed))
  await enter(mailed)
  const { token: signInLink } = await askForCode()
  const byLink = { token: signInLink, transport: 'bearer' }
  await post(paths.describeMailedSignIn, { token: signInLink })
  await post(paths.describeMailedSignIn, { token: `${signInLink}x` })
  await keep(await post(paths.confirmMailedSignIn, byLink))
  await post(paths.confirmMailedSignIn, byLink)
  // This one stays stored.
  await askForCode()

  // A browser that calls the server directly, with genuine and with forged requests.
  const browser = server.browser()
  const keepCookies = () => {
    for (const [cookie, value] of browser.jar)
      (cookie.endsWith('device') ? found.devices : found.tokens).add(value)
  }
  await browser.post(paths.signIn, { email: newEmail, password: secrets.reset })
  keepCookies()
  await browser.post(paths.startPasskeySignIn)
  keepCookies()
  await browser.post(paths.refresh)
  keepCookies()
  const cookie = [...browser.jar].map(([key, value]) => `${key}=${value}`).join('; ')
  await post(paths.refresh, {}, { cookie: `${cookie}; ${cookie}`, origin })
  await post(paths.refresh, {}, { cookie, origin: 'https://evil.example' })
  await browser.post(paths.signOut)

  // Ways in and factors of a user who is signed in.
  const last = bearer((await keep(await post(paths.signIn, account(secrets.reset, newEmail)))).accessToken)

  // Passkeys: added, used, wrong, again, and challenges that stay stored.
  type Challenge = { options: { challenge: string }; handle?: string }
  type Answer = { response: { clientDataJSON: string; attestationObject?: string; signature?: string } }
  const challengeOf = async (answer: Response) => {
    const begun = (await answer.json()) as Challenge
    passkeys.add(begun.options.challenge)
    if (begun.handle !== undefined) passkeys.add(begun.handle)
    return begun
  }
  const signed = <Credential extends Answer>(credential: Credential) => {
    const { clientDataJSON, attestationObject, signature } = credential.response
    for (const part of [clientDataJSON, attestationObject, signature]) if (part) passkeys.add(part)
    return credential
  }
  const authenticator = new Authenticator()
  const adding = await challengeOf(await ask('POST', paths.startPasskey, undefined, last))
  const added = { credential: signed(authenticator.create(adding.options)), name }
  await post(paths.addPasskey, added, last)
  await post(paths.addPasskey, added, last)
  const startWithPasskey = async () =>
    challengeOf(await post(paths.startPasskeySignIn, { transport: 'bearer' }))
  const finishWithPasskey = ({ options, handle }: Challenge) => {
    const credential = signed(authenticator.get(options))
    return post(paths.signInWithPasskey, { credential, handle, transport: 'bearer' })
  }
  const byPasskey = await startWithPasskey()
  await finishWithPasskey({ ...byPasskey, options: { challenge: 'A'.repeat(43) } })
  await keep(await finishWithPasskey(byPasskey))
  await finishWithPasskey(byPasskey)
  await startWithPasskey()
  const confirming = await challengeOf(await ask('POST', paths.startPasskeyConfirmation, undefined, last))
  const confirmation = { credential: signed(authenticator.get(confirming.options)) }
  await post(paths.confirmWithPasskey, confirmation, last)
  await post(paths.confirmWithPasskey, confirmation, last)
  await ask('GET', paths.listPasskeys, undefined, last)
  const passkeyPath = `${paths.listPasskeys}/${added.credential.id}`
  await ask('PATCH', passkeyPath, { name: newName }, last)
  await ask('DELETE', passkeyPath, undefined, last)
  await ask('DELETE', passkeyPath, undefined, last)
  await post(paths.requestPasskeySignUp, { email: newEmail, name })
  await post(paths.requestPasskeySignUp, { email: persons.withPasskey, name })
  const token = await linkFor(persons.withPasskey)
  await post(paths.startPasskeySignUp, { token: `${token}x` })
  const creating = await challengeOf(await post(paths.startPasskeySignUp, { token }))
  const newcomer = new Authenticator()
  const created = { token, credential: signed(newcomer.create(creating.options)), transport: 'bearer' }
  await post(paths.signUpWithPasskey, { ...created, token: `${token}x` })
  await keep(await post(paths.signUpWithPasskey, created))
  await post(paths.signUpWithPasskey, created)

  const codeOf = (secret: string) => totpCode(secret, totpStep(server.clock()))
  const startApp = async () => {
    const started = (await (await post(paths.startTotp, { name }, last)).json()) as TotpStarted
    factors.add(started.secret)
    return started
  }
  await startApp()
  const { id, secret } = await startApp()
  await post(paths.confirmTotp, { id, code: '000000' }, last)
  await post(paths.confirmTotp, { id, code: secret }, last)
  const confirmed = await post(paths.confirmTotp, { id, code: codeOf(secret), name: newName }, last)
  const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] }
  const [used = '', replaced = ''] = recoveryCodes
  const confirm = (proof: object) => post(paths.reauthenticate, { password: secrets.reset, ...proof }, last)
  await confirm({})
  await confirm({ code: '000000' })
  await confirm({ code: used })
  await confirm({ recoveryCode: secret })
  await confirm({ recoveryCode: used })
  await confirm({ recoveryCode: used })
  await ask('PATCH', paths.renameFactor, { id, name }, last)
  const remade = await post(paths.makeRecoveryCodes, {}, last)
  const { recoveryCodes: remadeCodes } = (await remade.json()) as { recoveryCodes: string[] }
  await confirm({ recoveryCode: replaced })
  const other = await startApp()
  await post(paths.confirmTotp, { id: other.id, code: codeOf(other.secret) }, last)
  await ask('DELETE', paths.removeFactor, { id: other.id }, last)
  await ask('DELETE', paths.removeFactor, { id: other.secret }, last)
  await ask('GET', paths.listFactors, undefined, last)
  await ask('DELETE', paths.forgetTrustedBrowsers, undefined, last)
  for (const code of [...recoveryCodes, ...remadeCodes]) factors.add(code).add(code.replaceAll('-', ''))
  await post(paths.signIn, account(secrets.reset, newEmail))

  await walkThroughProvider(provider, ask, keep)

  // The account is deleted.
  await ask('DELETE', paths.readProfile, { password: secrets.wrong }, last)
  await ask('DELETE', paths.readProfile, { password: secrets.reset }, last)
  const mails = await inbox()

  await (await server.get(paths.revocations, bearer(verifierSecret))).body?.cancel()
  await ask('GET', paths.metrics, undefined, bearer(`${metricsSecret}x`))
  await ask('GET', `${paths.metrics}?token=${metricsSecret}`)
  const metrics = await (await server.get(paths.metrics, bearer(metricsSecret))).text()
  const tables = server
    .rows<{ name: string }>('sqlite_master')
    .filter(({ name }) => !name.includes('sqlite_'))
  const rows = Object.fromEntries(
    [...new Set(tables.map((entry) => (entry as { tbl_name?: string }).tbl_name ?? entry.name))].map(
      (table) => [table, server.rows(table)],
    ),
  )
  // Close the database, then collect the responses and the lines of the log.
  await server.sallyport.close()
  await post(paths.refresh, { refreshToken: second.refreshToken })
  await post(paths.signIn, account(secrets.reset, newEmail))
  return {
    server,
    rows,
    metrics,
    refusals,
    mails,
    tokens: [...found.tokens],
    links,
    codes: [...codes],
    devices: [...found.devices],
    factors: [...factors],
    passkeys: [...passkeys],
    provider: [...provider.secrets],
  }
}
