import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../account/second-factor-address.ts'
import { mailedSignIn, safeReturnTo } from '../../auth.ts'
import { done, refusedBy, refusedFields, typed } from '../form/form-state.ts'
import { hasInbox } from '../inbox/has-inbox.ts'
import { atStep, type EntryState } from './entry-state.ts'
import { goOn } from './go-on.ts'
import { sentAgain } from './sent-again.ts'

/** The values that the form was sent with, and the step that is shown if no code can be entered. */
type Sent = { values: Record<string, string>; otherwise: EntryState['step'] }

/** Requests a mail with a code and a link. The state is the same for every address. */
export async function requestCode(
  previous: EntryState,
  form: FormData,
  { values, otherwise }: Sent,
): Promise<EntryState> {
  const { email = '' } = values
  if (email === '')
    return atStep('form', refusedFields(previous, values, { email: 'Enter your email address.' }))
  const result = await mailedSignIn.request(email)
  if (form.get('intent') === 'again') return sentAgain(previous, values, result)
  if (!result.ok) return atStep(otherwise, refusedBy(result, previous, values, ['email']))
  return atStep('mailed', done(previous, values), await hasInbox())
}

/** Signs in with the code of the mail, and redirects. */
export async function enterCode(
  previous: EntryState,
  form: FormData,
  { values, otherwise }: Sent,
): Promise<EntryState> {
  const { code = '' } = typed(form, ['code'])
  if (code.trim() === '')
    return atStep('mailed', refusedFields(previous, values, { code: 'Enter the code from the mail.' }))
  const result = await mailedSignIn.enterCode(code)
  if (!result.ok) {
    const isOver = result.problem.code === 'sign_in_mail_expired'
    const state = refusedBy(result, previous, isOver ? values : { ...values, code }, ['code'])
    return isOver ? atStep(otherwise, state) : atStep('mailed', state, await hasInbox())
  }
  const returnTo = safeReturnTo(values.returnTo)
  if (result.user === null) redirect(secondFactorAddress(returnTo))
  return goOn(returnTo)
}
