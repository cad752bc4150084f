'use server'

import type { ActionResult } from '@sallyport/next/server'
import { refresh } from 'next/cache'
import { redirect } from 'next/navigation'
import { sessions, signOut } from '../../../../auth.ts'
import { addressOf } from '../../../../billing/query.ts'
import { formatCount } from '../../../../billing/rate.ts'
import {
  done,
  type FormState,
  refusedBy,
  refusedFields,
  typed,
} from '../../../../components/form/form-state.ts'
import { describeDevice } from '../../../../session/device.ts'

// These actions need no guard, because they can change only sessions of the signed-in user.

type Values = FormState['values']
type Refused = Extract<ActionResult, { ok: false }>

/** Ends the session that the form names. If the form has `others`, ends all sessions except this one. */
export async function endSessions(previous: FormState, form: FormData): Promise<FormState> {
  const values = typed(form, ['session'])
  const { session = '' } = values
  return session === 'others' ? endOthers(previous, values) : endOne(previous, values, session)
}

/** Ends every session, and redirects. */
export async function signOutEverywhere(previous: FormState): Promise<FormState> {
  const result = await signOut({ everywhere: true })
  if (!result.ok) return refused(result, previous, {})
  redirect('/login?notice=signed-out-everywhere')
}

async function endOthers(previous: FormState, values: Values): Promise<FormState> {
  const result = await sessions.endOthers()
  if (!result.ok) return refused(result, previous, values)
  refresh()
  const { ended } = result
  return done(
    previous,
    values,
    ended === 0 ? 'There was no other session.' : `${formatCount(ended, 'session', 'sessions')} signed out.`,
  )
}

async function endOne(previous: FormState, values: Values, id: string): Promise<FormState> {
  const listed = await sessions.list()
  const found = listed.ok ? listed.sessions.find((session) => session.id === id) : undefined
  const result = await sessions.end(id)
  if (!result.ok) return refused(result, previous, values)
  if (found?.current) redirect('/login')
  refresh()
  const name = found ? describeDevice(found.userAgent).name : 'The session'
  return done(previous, values, `${name} is signed out.`)
}

function refused(refusal: Refused, previous: FormState, values: Values): FormState {
  const { problem } = refusal
  if (problem.status === 401) redirect(addressOf('/login', { returnTo: '/profile/sessions' }))
  if (problem.status === 404) {
    refresh()
    return refusedFields(
      previous,
      values,
      {},
      'This session has already ended. The list below is up to date.',
    )
  }
  if (problem.status >= 500) {
    return refusedFields(previous, values, {}, 'The sign-in service did not respond. Try again in a moment.')
  }
  return refusedBy(refusal, previous, values, [])
}
