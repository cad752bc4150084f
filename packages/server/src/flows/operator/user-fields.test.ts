import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import type { Customizations } from '../../index.ts'
import { bearer, frozenClock, password, requireTokens, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const userFields = {
  company: { type: 'text', required: true, maxLength: 20, writable: ['sign-up', 'profile'] },
  seats: { type: 'number', min: 1, max: 500, integer: true, writable: ['sign-up', 'profile'] },
  newsletter: { type: 'boolean', writable: ['profile'] },
  plan: { type: 'text' },
  creditLimit: { type: 'number', hidden: true },
} as const satisfies Customizations['userFields']

const account = { email: 'ada@example.com', password, name: 'Ada', transport: 'bearer' }

async function start(options = {}, customizations: Customizations = { userFields }) {
  const server = await startSallyport(options, frozenClock(), customizations)
  const signUp = (fields?: unknown) =>
    server.post(paths.signUp, { ...account, ...(fields !== undefined && { fields }) })
  const patch = (token: string, body: unknown) =>
    server.fetch(paths.readProfile, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const errorsOf = async (answer: Response) => {
    expect(answer.status).toBe(400)
    const { errors = [] } = (await answer.json()) as { errors?: { field: string; message: string }[] }
    return Object.fromEntries(errors.map(({ field, message }) => [field, message]))
  }
  return { ...server, signUp, patch, errorsOf }
}

describe.each(storeKinds)('own fields on %s', (kind) => {
  test('are stored, changed, cleared and returned; hidden ones only in the download of the user’s data', async () => {
    const { options } = await freshStore(kind)
    const { signUp, patch, get, session, sallyport } = await start(options)
    const signedUp = await signUp({ company: ' Ledgerline ', seats: 3 })
    const { user } = (await signedUp.clone().json()) as { user: { id: string; fields: unknown } }
    expect(user.fields).toEqual({ company: 'Ledgerline', seats: 3 })
    const { accessToken } = await requireTokens(signedUp)
    await sallyport.operator.users.setFields(user.id, { plan: 'pro', creditLimit: 500 })
    const answers = await Promise.all([
      patch(accessToken, { fields: { newsletter: true } }),
      patch(accessToken, { fields: { company: 'Analytical' } }),
      patch(accessToken, { name: 'Ada L.' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    await patch(accessToken, { fields: { seats: null } })
    const fields = { company: 'Analytical', newsletter: true, plan: 'pro' }
    expect(await (await session(accessToken)).json()).toMatchObject({ user: { name: 'Ada L.', fields } })
    const shown = (await (await get(paths.readProfile, bearer(accessToken))).json()) as { user: typeof user }
    expect(shown.user.fields).toEqual(fields)
    const own = (await (await get(paths.downloadData, bearer(accessToken))).json()) as { user: typeof user }
    expect(own.user.fields).toEqual({ ...fields, creditLimit: 500 })
    const exported = []
    for await (const row of sallyport.operator.users.exported()) exported.push(row)
    expect(exported).toMatchObject([{ fields: { ...fields, creditLimit: 500 } }])
  })
})

test('the public API reference does not show the names of hidden fields', async () => {
  const { get } = await start({ apiReference: true })
  const text = await (await get(paths.openApi)).text()
  expect(text).toContain('newsletter')
  expect(text).not.toContain('creditLimit')
})

describe('fields can be set', () => {
  test('at sign-up if declared for it, with the right type; required ones must be set', async () => {
    const { signUp, errorsOf, rows } = await start()
    expect(await errorsOf(await signUp())).toEqual({ 'fields.company': 'Fill this in.' })
    expect(await errorsOf(await signUp({ company: 'x'.repeat(21), seats: 1.5 }))).toEqual({
      'fields.company': 'This has at most 20 characters.',
      'fields.seats': 'This must be a whole number.',
    })
    expect(await errorsOf(await signUp({ company: 'a\nb', seats: '3' }))).toEqual({
      'fields.company': 'This must be one line without control characters.',
      'fields.seats': 'This must be a number.',
    })
    for (const name of ['plan', 'creditLimit', 'newsletter', 'roles', 'unknown'])
      expect(await errorsOf(await signUp({ company: 'Ledgerline', [name]: 'x' })), name).toEqual({
        fields: 'There is a field that this endpoint does not accept.',
      })
    expect(rows('user')).toEqual([])
  })

  test('in the profile if declared for it; required ones cannot be cleared', async () => {
    const { signUp, patch, errorsOf } = await start()
    const { accessToken } = await requireTokens(await signUp({ company: 'Ledgerline' }))
    expect(Object.keys(await errorsOf(await patch(accessToken, { fields: { company: null } })))).toEqual([
      'fields.company',
    ])
    expect(await errorsOf(await patch(accessToken, { fields: { creditLimit: 9 } }))).toEqual({
      fields: 'There is a field that this endpoint does not accept.',
    })
    expect(await errorsOf(await patch(accessToken, {}))).toEqual({
      '': 'The request changes nothing: send a name or fields.',
    })
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'never by the name %s, which changes no prototype',
    async (name) => {
      const { signUp, patch, session } = await start()
      const { accessToken } = await requireTokens(await signUp({ company: 'Ledgerline' }))
      const answer = await patch(accessToken, `{"fields":{"newsletter":true,"${name}":{"polluted":true}}}`)
      expect(answer.status).toBe(400)
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
      const { user } = (await (await session(accessToken)).json()) as { user: { fields: object } }
      expect(Object.keys(user.fields)).toEqual(['company'])
    },
  )

  test('an operator can change the fields of an existing user, which is recorded in the audit log', async () => {
    const { sallyport, rows } = await start()
    const { users } = sallyport.operator
    const { id } = await users.create({ ...account, fields: { plan: 'pro', seats: null } })
    expect(await users.find(id)).toMatchObject({ fields: { plan: 'pro' } })
    expect(await users.find(id)).not.toHaveProperty('fields.seats')
    const lines = () =>
      rows('audit_event')
        .filter(({ action }) => action === 'profile_change')
        .map(({ actor, userId }) => [actor, userId])
    await expect(users.setFields('nobody', { plan: 'free' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(users.setFields(id, { color: 'red' })).rejects.toMatchObject({
      code: 'invalid_request',
      refusal: { details: { errors: [{ message: 'There is a field that is not declared.' }] } },
    })
    expect(lines()).toEqual([])
    await users.setFields(id, { plan: null, seats: 3 })
    expect((await users.find(id))?.fields).toEqual({ seats: 3 })
    expect(lines()).toEqual([['operator', id]])
  })

  test('an operator can create and import users with all fields, each with the right type', async () => {
    const { sallyport } = await start()
    const { users } = sallyport.operator
    expect(await users.create({ ...account, fields: { creditLimit: 9 } })).toMatchObject({
      fields: { creditLimit: 9 },
    })
    await expect(
      users.create({ ...account, email: 'b@example.com', fields: { seats: 501 } }),
    ).rejects.toMatchObject({
      refusal: { details: { errors: [{ field: 'fields.seats', message: 'This must be at most 500.' }] } },
    })
    for (const [field, wrong] of [
      ['email', { email: 'no address' }],
      ['name', { name: '' }],
    ] as const)
      await expect(users.create({ ...account, ...wrong })).rejects.toMatchObject({
        code: 'invalid_request',
        refusal: { details: { errors: [{ field, message: expect.stringMatching(/\w \w/) }] } },
      })
    const rows = [
      { email: 'c@example.com', fields: { plan: 'free' } },
      { email: 'd@example.com', fields: { nothing: 1 } },
    ]
    expect((await users.import(rows)).map(({ state }) => state)).toEqual(['added', 'refused'])
    expect(await users.find('c@example.com')).toMatchObject({ fields: { plan: 'free' } })
  })
})

test('fields of a pending sign-up are stored once the address is verified', async () => {
  const seen: unknown[] = []
  const hooks = { beforeSignUp: ({ fields }: { fields: unknown }) => void seen.push(fields) }
  const { signUp, post, get } = await start(
    { developmentInbox: true, emailVerification: 'sign-in' },
    { userFields, hooks },
  )
  expect((await signUp({ company: 'Ledgerline' })).status).toBe(202)
  const { mails } = (await (await get(paths.inbox)).json()) as { mails: { text: string }[] }
  const token = /#token=([\w-]+)/.exec(mails[0]?.text ?? '')?.[1]
  const answer = await post(paths.verifyAddress, { token, password, transport: 'bearer' })
  expect(await answer.json()).toMatchObject({ user: { fields: { company: 'Ledgerline' } } })
  expect(seen).toEqual([{ company: 'Ledgerline' }])
})

test('without declared fields, `fields` is refused in requests and is in no response', async () => {
  const { signUp, errorsOf } = await start({}, {})
  expect(await errorsOf(await signUp({ company: 'x' }))).toEqual({
    '': 'There is a field that this endpoint does not accept.',
  })
  const { user } = (await (await signUp()).json()) as { user: object }
  expect(Object.keys(user)).not.toContain('fields')
})

test('a number field may have only negative values', async () => {
  const { sallyport } = await start({}, { userFields: { balance: { type: 'number', max: -1 } } })
  expect(sallyport.config.userFields.isEmpty).toBe(false)
})

test('the OpenAPI document describes the fields', async () => {
  const { get } = await start()
  const document = (await (await get(paths.openApi)).json()) as {
    paths: Record<string, Record<string, { requestBody: { content: Record<string, { schema: unknown }> } }>>
  }
  const schema = document.paths[paths.signUp]?.post?.requestBody.content['application/json']?.schema
  expect(schema).toMatchObject({
    properties: { fields: { required: ['company'], additionalProperties: false, properties: { seats: {} } } },
  })
})

test.each([
  ['Company', { type: 'text' }, 'must begin with a small letter'],
  ['constructor', { type: 'text' }, 'such as constructor'],
  ['when', { type: 'date' }, 'text, number or boolean'],
  ['plan', { type: 'text', required: true }, 'must be writable at sign-up'],
  ['plan', { type: 'text', maxlength: 3 }, 'must not have maxlength'],
  ['plan', { type: 'text', writable: ['signup'] }, "'sign-up' and 'profile'"],
  ['plan', { type: 'text', maxLength: 0 }, 'from 1 to 2000'],
  ['seats', { type: 'number', min: 3, max: 1 }, 'min must not be greater than max'],
])('refuses at the start a field %s of %j', async (name, field, why) => {
  await expect(start({}, { userFields: { [name]: field } } as Customizations)).rejects.toThrow(why)
})
