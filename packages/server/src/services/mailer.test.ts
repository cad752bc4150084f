import { describe, expect, onTestFinished, test } from 'vitest'
import { MailRefused, type MailTransport } from '../mail/smtp.ts'
import { type Database, openStore } from '../store/database.ts'
import { migrate } from '../store/migrations.ts'
import { frozenClock } from '../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../testing/stores.ts'
import { keyringOf } from '../tokens/keyring.ts'
import { createMailer } from './mailer.ts'

const secret = 'server-7RtYh3NbVc9XzLk5JhGf2DsAqW'

type Sent = { id: string; to: string; subject: string; text: string }

/** A mail server in this process, whose answer to each mail the test sets. */
function transport(answer: (mail: Sent, count: number) => void | Promise<void> = () => {}) {
  const sent: Sent[] = []
  let count = 0
  let closed = 0
  const opened: MailTransport = {
    async send(mail) {
      count += 1
      await answer(mail, count)
      sent.push(mail)
    },
    close() {
      closed += 1
    },
  }
  return { opened, sent, closed: () => closed }
}

describe.each(storeKinds)('the outbox on %s', (kind: StoreKind) => {
  async function open(
    mail: { opened: MailTransport | null; sent: Sent[] } = transport(),
    processes = 1,
    secretOf = (_process: number) => secret,
  ) {
    const store = await freshStore(kind)
    const clock = frozenClock()
    const shared = kind === 'SQLite' ? openStore(store.address).database : null
    const databases = Array.from({ length: processes }, () => shared ?? openStore(store.address).database)
    onTestFinished(async () => void (await Promise.all([...new Set(databases)].map((one) => one.destroy()))))
    await migrate(databases[0] as Database)
    const refusals: unknown[] = []
    const calls = { sent: 0, woken: 0 }
    let made = 0
    const mailers = databases.map((database, process) =>
      createMailer({
        database,
        keyring: keyringOf(secretOf(process)),
        sender: { productName: 'Ledgerline', appUrl: 'http://localhost:3000' },
        own: { templates: {}, timeoutMs: 1_000, onFault: () => {} },
        transport: mail.opened,
        clock,
        newId: () => {
          made += 1
          return `mail-${String(made).padStart(4, '0')}`
        },
        onWake: () => {
          calls.woken += 1
        },
        onSent: () => {
          calls.sent += 1
        },
        onRefusal: (event) => void refusals.push(event),
      }),
    )
    const fault = (error: unknown) => {
      throw error
    }
    const [first] = mailers as [(typeof mailers)[0]]
    const [database] = databases as [Database]
    return {
      store,
      clock,
      mailers,
      database,
      refusals,
      calls,
      sent: mail.sent,
      run: () => first.run(fault),
      queue: (to = 'ada@example.com') =>
        database.transaction().execute((transaction) =>
          first.queue(transaction, to, 'reset_password', {
            name: 'Ada',
            token: 'canary-token',
            validMinutes: 60,
          }),
        ),
      states: async () =>
        (await store.query<{ state: string }>('select state from mail order by id')).map(
          ({ state }) => state,
        ),
    }
  }

  test('sends queued mails once, in order, and deletes their content', async () => {
    const { queue, run, sent, calls, store, states } = await open()
    await queue('one@example.com')
    await queue('two@example.com')
    await run()
    await run()
    expect(sent.map(({ to }) => to)).toEqual(['one@example.com', 'two@example.com'])
    expect(sent[0]?.text).toContain('http://localhost:3000/reset#token=canary-token')
    expect(calls.sent).toBe(2)
    expect(await states()).toEqual(['sent', 'sent'])
    expect(await store.query('select details from mail')).toEqual([{ details: '' }, { details: '' }])
  })

  test('sends a mail queued by a clock an hour ahead at once and only once, after it was put back', async () => {
    const { queue, run, sent, clock, mailers } = await open(transport(), 2)
    clock.advance(3_600)
    await queue()
    clock.advance(-3_600)
    await Promise.all([run(), mailers[1]?.run(() => {})])
    await run()
    expect(sent.map(({ to }) => to)).toEqual(['ada@example.com'])
  })

  test('does not send a mail whose transaction failed, and stores waiting mails encrypted', async () => {
    const { queue, run, sent, store, database, mailers } = await open()
    await expect(
      database.transaction().execute(async (transaction) => {
        await mailers[0]?.queue(transaction, 'ada@example.com', 'address_taken', { name: 'Ada' })
        throw new Error('called off')
      }),
    ).rejects.toThrow('called off')
    await run()
    expect(sent).toEqual([])
    await queue()
    expect(JSON.stringify(await store.query('select * from mail'))).not.toContain('canary-token')
  })

  test('sends each mail once with several workers', async () => {
    const { queue, mailers, sent, states } = await open(
      transport(() => new Promise((resolve) => setImmediate(resolve))),
      4,
    )
    for (let index = 0; index < 40; index += 1) await queue(`${index}@example.com`)
    await Promise.all(mailers.map((mailer) => mailer.run((error) => Promise.reject(error))))
    expect(new Set(sent.map(({ id }) => id)).size).toBe(40)
    expect(sent).toHaveLength(40)
    expect(new Set(await states())).toEqual(new Set(['sent']))
  })

  test('repeats a greylisted mail at growing intervals until the server accepts it', async () => {
    const mail = transport((_, count) => {
      if (count < 4) throw new MailRefused('451', false)
    })
    const { queue, run, sent, clock, refusals } = await open(mail)
    await queue()
    const tries: number[] = []
    for (let minute = 0; minute < 30 && sent.length === 0; minute += 1) {
      const before = refusals.length
      await run()
      if (refusals.length > before || sent.length > 0) tries.push(minute)
      clock.advance(60)
    }
    expect(tries).toEqual([0, 1, 3, 8])
    expect(sent).toHaveLength(1)
    expect(refusals[0]).toEqual({
      mailId: 'mail-0001',
      template: 'reset_password',
      attempts: 1,
      reason: '451',
      state: 'postponed',
    })
  })

  test('gives up a mail at once after a final refusal, else after two days, without delaying others', async () => {
    const mail = transport(({ to }) => {
      if (to === 'gone@example.com') throw new MailRefused('550', true)
      if (to === 'later@example.com') throw new MailRefused('450', false)
    })
    const { queue, run, sent, clock, states, store } = await open(mail)
    await queue('gone@example.com')
    await queue('later@example.com')
    await queue('ada@example.com')
    await run()
    expect(sent.map(({ to }) => to)).toEqual(['ada@example.com'])
    expect(await states()).toEqual(['dead', 'due', 'sent'])
    for (let hours = 0; hours < 60; hours += 1) {
      clock.advance(3_600)
      await run()
    }
    expect(await states()).toEqual(['dead', 'dead', 'sent'])
    expect(await store.query(`select "lastError" from mail where state = 'dead' order by id`)).toEqual([
      { lastError: '550' },
      { lastError: '450' },
    ])
    expect(await store.query(`select details from mail where details <> ''`)).toEqual([])
  })

  test('another worker sends the mail of a crashed worker two minutes later', async () => {
    const stuck = Promise.withResolvers<void>()
    const mail = transport((_, count) => (count === 1 ? stuck.promise : undefined))
    const { queue, mailers, sent, clock, states, store } = await open(mail, 2)
    await queue()
    const dying = mailers[0]?.run(() => {})
    // While the mail is reserved, another worker finds nothing to do.
    await expect
      .poll(() => store.query('select state, attempts from mail'))
      .toEqual([{ state: 'due', attempts: 1 }])
    await mailers[1]?.run((error) => Promise.reject(error))
    expect(sent).toEqual([])
    clock.advance(121)
    await mailers[1]?.run((error) => Promise.reject(error))
    expect(sent).toHaveLength(1)
    expect(await states()).toEqual(['sent'])
    // The first worker was only slow. Its late result changes nothing.
    stuck.reject(new MailRefused('550', true))
    await dying
    expect(await states()).toEqual(['sent'])
  })

  test('does not send a mail after two days, because its link has expired', async () => {
    const { queue, run, sent, clock, states, refusals } = await open()
    await queue('in-time@example.com')
    clock.advance(48 * 3_600)
    await run()
    await queue('late@example.com')
    clock.now += 48 * 3_600_000 + 1
    await run()
    expect(sent.map(({ to }) => to)).toEqual(['in-time@example.com'])
    expect(await states()).toEqual(['sent', 'dead'])
    expect(refusals).toMatchObject([{ state: 'dead', attempts: 1, reason: 'waited too long' }])
  })

  test('reserves no mail without a mail server', async () => {
    const { queue, run, store } = await open({ opened: null, sent: [] })
    await queue()
    await run()
    expect(await store.query('select state, attempts from mail')).toEqual([{ state: 'due', attempts: 0 }])
  })

  test('after an error that is not a refusal, reports it and tries the mail again after two minutes', async () => {
    const mail = transport((_, count) => {
      if (count === 1) throw new TypeError('a fault')
    })
    const { queue, mailers, run, sent, clock, states, refusals } = await open(mail)
    await queue()
    const faults: unknown[] = []
    await mailers[0]?.run((error) => void faults.push(error))
    expect([String(faults), await states(), refusals]).toEqual(['TypeError: a fault', ['due'], []])
    clock.advance(119)
    await run()
    expect(sent).toEqual([])
    clock.advance(1)
    await run()
    expect(sent).toHaveLength(1)
  })

  test('leaves a mail that it cannot decrypt to a process that has the secret', async () => {
    const mail = transport()
    const { queue, mailers, clock, sent, refusals, states } = await open(mail, 2, (process) =>
      process === 0 ? secret : 'another secret, also long enough',
    )
    await queue()
    await mailers[1]?.run((error) => Promise.reject(error))
    expect(refusals).toMatchObject([{ state: 'postponed', reason: 'sealed under another SALLYPORT_SECRET' }])
    clock.advance(60)
    await mailers[0]?.run((error) => Promise.reject(error))
    expect([sent.length, await states()]).toEqual([1, ['sent']])
  })

  test('closing waits for the current mail, begins no other, and closes the connection', async () => {
    const held = Promise.withResolvers<void>()
    const mail = transport((_, count) => (count === 1 ? held.promise : undefined))
    const { queue, run, mailers, states, store } = await open(mail)
    await queue('one@example.com')
    await queue('two@example.com')
    const running = run()
    await expect
      .poll(() => store.query('select attempts from mail order by id'))
      .toEqual([{ attempts: 1 }, { attempts: 0 }])
    const closing = mailers[0]?.close()
    expect(mail.closed()).toBe(0)
    held.resolve()
    await closing
    await running
    expect([mail.closed(), await states()]).toEqual([1, ['sent', 'due']])
  })

  test('a call of run during a run waits for that run; a later call starts another', async () => {
    const { queue, mailers, sent } = await open()
    await queue()
    const first = mailers[0]?.run(() => {})
    expect(mailers[0]?.run(() => {})).toBe(first)
    await first
    await queue()
    await mailers[0]?.run(() => {})
    expect(sent).toHaveLength(2)
  })

  test('wake calls onWake', async () => {
    const { mailers, calls } = await open()
    mailers[0]?.wake()
    expect(calls.woken).toBe(1)
  })

  test('a decoy takes the same work as a mail, and is sent to nobody [A02]', async () => {
    const { queue, run, mailers, database, sent, store, calls } = await open()
    await queue()
    await database.transaction().execute(async (transaction) => mailers[0]?.queueDecoy(transaction))
    const rows = await store.query<{ details: string; recipient: string; state: string }>(
      'select * from mail order by id',
    )
    expect(rows.map(({ recipient, state }) => [recipient, state])).toEqual([
      ['ada@example.com', 'due'],
      ['', 'sent'],
    ])
    expect(rows[1]?.details.length).toBeGreaterThan((rows[0]?.details.length ?? 0) * 0.9)
    await run()
    expect([sent.length, calls.sent]).toEqual([1, 1])
  })
})
