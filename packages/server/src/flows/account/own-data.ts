import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { tooMany } from '../../services/throttle-windows.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { toUser } from '../../services/to-user.ts'
import { listAuditEvents } from '../../store/audit-event.ts'
import { listIdentities } from '../../store/identity.ts'
import { listOrganizationsOf } from '../../store/membership.ts'
import { listPasskeys } from '../../store/passkey.ts'
import { countRecoveryCodes } from '../../store/recovery-code.ts'
import { factorsOf } from '../second-factor/stored-factors.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { liveSessionsOf } from '../session/sessions.ts'
import { requireStrongProof } from '../sign-in/reauthenticate.ts'

/** The maximum number of audit events in one download, and the number of events that one query reads. */
const maxEvents = 10_000
const eventsAtOnce = 250

/** Milliseconds. An unfinished download that began longer ago than this does not prevent another download. */
const abandonedAfterMs = 60_000

/** For each user, when their current download in this process began. */
const underWay = new WeakMap<Context, Map<string, number>>()

/**
 * Returns all data that is stored about the user, except secrets, as JSON text. The text is written in pieces, so that other requests are
 * answered in between. A user can have one download at a time.
 *
 * @throws FlowError `insufficient_user_authentication`, `too_many_requests`.
 */
export async function downloadData(
  context: Context,
  authenticated: Authenticated,
  source: RequestSource,
): Promise<ReadableStream<Uint8Array>> {
  await requireStrongProof(context, authenticated)
  const { user, session } = authenticated
  const end = begin(context, user.id)
  try {
    await consumeUserQuota(context, 'download', user.id, source)
    const head = await headOf(context, authenticated)
    const pieces = activityOf(context, user.id)
    await recordAuditEvent(context, context.database, source, {
      action: 'data_download',
      userId: user.id,
      sessionId: session.id,
    })
    return streamOf(head, pieces, end)
  } catch (error) {
    end()
    throw error
  }
}

/**
 * Records that a download begins. Returns a function that records its end.
 *
 * @throws FlowError `too_many_requests` while another download of the user runs.
 */
function begin(context: Context, userId: string): () => void {
  const downloads = underWay.get(context) ?? new Map<string, number>()
  underWay.set(context, downloads)
  const now = context.clock()
  if (now - (downloads.get(userId) ?? Number.NEGATIVE_INFINITY) < abandonedAfterMs)
    throw tooMany(5, {
      detail: 'A download of your data is under way. Wait until it has ended.',
      reason: 'a download is under way',
    })
  downloads.set(userId, now)
  return () => {
    if (downloads.get(userId) === now) downloads.delete(userId)
  }
}

async function headOf(context: Context, { user }: Authenticated): Promise<string> {
  const { userFields } = context.config
  const sessions = await liveSessionsOf(context, user.id)
  const factors = await factorsOf(context.database, user.id)
  const passkeys = await listPasskeys(context.database, user.id)
  const identities = await listIdentities(context.database, user.id)
  const organizations = await listOrganizationsOf(context.database, user.id, { after: null, limit: 1_000 })
  const head = {
    // Hidden fields are included, because users have the right to read all data about them (GDPR article 15).
    user: {
      ...toUser(context.config, user),
      ...(!userFields.isEmpty && { fields: userFields.known(user.fields) }),
    },
    sessions: sessions.map(({ id, createdAt, lastUsedAt, address, userAgent }) => {
      return { id, createdAt, lastUsedAt, address, userAgent }
    }),
    secondFactors: factors.map(({ id: _, ...factor }) => factor),
    recoveryCodesLeft: await countRecoveryCodes(context.database, user.id),
    identities: identities.map(({ issuer, subject, email, createdAt, lastUsedAt }) => {
      return { issuer, subject, email, createdAt, lastUsedAt }
    }),
    organizations: organizations.map(({ id, name, slug, roles }) => ({ id, name, slug, roles })),
    passkeys: passkeys.map(({ name, createdAt, lastUsedAt }) => ({ name, createdAt, lastUsedAt })),
  }
  return `${JSON.stringify(head).slice(0, -1)},"activity":[`
}

/** Yields the user's audit events, newest first, as the items of a JSON list. */
async function* activityOf({ database }: Context, userId: string): AsyncGenerator<string> {
  let before: string | undefined
  for (let written = 0; written < maxEvents; written += eventsAtOnce) {
    const events = await listAuditEvents(database, { userId, before, limit: eventsAtOnce })
    const lines = events.map(({ at, action, result, address, userAgent }) =>
      JSON.stringify({ at, action, result, address, userAgent }),
    )
    if (lines.length > 0) yield `${written > 0 ? ',' : ''}${lines.join(',')}`
    before = events.at(-1)?.id
    if (events.length < eventsAtOnce) return
  }
}

function streamOf(head: string, pieces: AsyncGenerator<string>, end: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(head))
    },
    async pull(controller) {
      // Let the event loop handle other requests, even if the database answers immediately.
      await new Promise((resolve) => setImmediate(resolve))
      const { value, done } = await pieces.next().catch((error: unknown) => {
        end()
        throw error
      })
      controller.enqueue(encoder.encode(done ? ']}' : value))
      if (!done) return
      end()
      controller.close()
    },
    cancel: end,
  })
}
