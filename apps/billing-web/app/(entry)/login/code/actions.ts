'use server'

import { type EntryState, firstStep } from '../../../../components/entry/entry-state.ts'
import { enterCode, requestCode } from '../../../../components/entry/mailed-code.ts'
import { typed } from '../../../../components/form/form-state.ts'

/** Requests a mail with a code and a link, or signs in with the code. The responses are the same for every address. */
export async function signInByMail(previous: EntryState, form: FormData): Promise<EntryState> {
  const values = typed(form, ['email', 'returnTo'])
  if (form.get('intent') === 'back')
    return { ...firstStep, values, answers: previous.answers + 1, isDone: true }
  const sent = { values, otherwise: 'form' } as const
  return form.has('code') ? enterCode(previous, form, sent) : requestCode(previous, form, sent)
}
