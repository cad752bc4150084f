'use server'

import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../../../account/second-factor-address.ts'
import { mailedSignIn, safeReturnTo } from '../../../../auth.ts'
import { atStep, type EntryState, firstStep } from '../../../../components/entry/entry-state.ts'
import { goOn } from '../../../../components/entry/go-on.ts'
import { sentAgain } from '../../../../components/entry/sent-again.ts'
import { done, refusedBy, refusedFields, typed } from '../../../../components/form/form-state.ts'
import { hasInbox } from '../../../../components/inbox/has-inbox.ts'

/** Requests a mail with a code and a link, or signs in with the code. The responses are the same for every address. */
export async function signInByMail(previous: EntryState, form: FormData): Promise<EntryState> {
  const values = typed(form, ['email', 'returnTo'])
  if (form.get('intent') === 'back')
    return { ...firstStep, values, answers: previous.answers + 1, isDone: true }
  return form.has('code') ? enterCode(previous, values, form) : requestMail(previous, values, form)
}

async function requestMail(
  previous: EntryState,
  values: Record<string, string>,
  form: FormData,
): Promise<EntryState> {
  const { email = '' } = values
  if (email === '')
    return atStep('form', refusedFields(previous, values, { email: 'Enter your email address.' }))
  const result = await mailedSignIn.request(email)
  if (form.get('intent') === 'again') return sentAgain(previous, values, result)
  if (!result.ok) return atStep('form', refusedBy(result, previous, values, ['email']))
  return atStep('mailed', done(previous, values), await hasInbox())
}

async function enterCode(
  previous: EntryState,
  values: Record<string, string>,
  form: FormData,
): Promise<EntryState> {
  const { code = '' } = typed(form, ['code'])
  if (code.trim() === '')
    return atStep('mailed', refusedFields(previous, values, { code: 'Enter the code from the mail.' }))
  const result = await mailedSignIn.enterCode(code)
  if (!result.ok) {
    const isOver = result.problem.code === 'sign_in_mail_expired'
    const state = refusedBy(result, previous, isOver ? values : { ...values, code }, ['code'])
    return isOver ? atStep('form', state) : atStep('mailed', state, await hasInbox())
  }
  const returnTo = safeReturnTo(values.returnTo)
  if (result.user === null) redirect(secondFactorAddress(returnTo))
  return goOn(returnTo)
}
