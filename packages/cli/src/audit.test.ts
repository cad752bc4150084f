import { describe, expect, test, vi } from 'vitest'
import { storeKinds } from '../../server/src/testing/stores.ts'
import { commandOnFreshStore, start } from './testing/sallyport-command.ts'

vi.setConfig({ testTimeout: 120_000 })

describe.each(storeKinds)('sallyport audit on %s', (kind) => {
  test('tail prints the newest events, oldest first, of all users or of one', async () => {
    const { text, json, createUser, run } = await commandOnFreshStore(kind)
    const ada = await createUser('ada@example.com')
    await createUser('bob@example.com')
    await text('users disable ada@example.com')
    await text('users set-roles bob@example.com owner')
    const all = await json('audit tail')
    expect(all.map(({ action }) => action)).toEqual(['sign_up', 'sign_up', 'user_disabled', 'roles_change'])
    expect(all[0]).toMatchObject({
      actor: 'operator',
      result: 'success',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect((await json('audit tail --lines 1')).map(({ action }) => action)).toEqual(['roles_change'])
    expect((await json('audit tail --user ada@example.com')).map(({ userId }) => userId)).toEqual([
      ada.id,
      ada.id,
    ])
    expect(await text('audit tail -n 1')).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}roles_change +success {2}[\da-f-]{36} {2}by operator {2}\{"roles":"owner"\}\n$/,
    )
    expect((await run('audit tail --lines 0')).code).toBe(2)
    expect((await run('audit tail --user eve@example.com')).code).toBe(1)
  })

  test('tail --follow prints each new event once', async () => {
    const { env, createUser } = await commandOnFreshStore(kind)
    await createUser('ada@example.com')
    const { child, output, ended } = start(['audit', 'tail', '--follow', '--json'], env)
    const actions = () =>
      output.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { action: string }).action)
    await expect.poll(actions, { timeout: 30_000 }).toEqual(['sign_up'])
    await createUser('bob@example.com')
    await expect.poll(actions, { timeout: 30_000 }).toEqual(['sign_up', 'sign_up'])
    await createUser('eve@example.com')
    await expect.poll(actions, { timeout: 30_000 }).toEqual(['sign_up', 'sign_up', 'sign_up'])
    child.kill('SIGINT')
    await ended
  })

  test('export writes the whole log or a part, as JSON or as CSV', async () => {
    const { text, json, createUser, run } = await commandOnFreshStore(kind)
    await createUser('ada@example.com')
    await text('users disable ada@example.com')
    expect((await json('audit export --action user_disabled')).length).toBe(1)
    const lines = (await text('audit export --csv')).trim().split('\n')
    expect(lines[0]).toBe('id,at,action,result,actor,userId,sessionId,address,userAgent,requestId,details')
    expect(lines).toHaveLength(3)
    expect(await text('audit export --until 2020-01-01')).toBe('')
    expect((await json('audit export --since 2020-01-01T00:00Z --user ada@example.com')).length).toBe(2)
    expect((await run('audit export --since yesterday')).code).toBe(2)
  })
})
