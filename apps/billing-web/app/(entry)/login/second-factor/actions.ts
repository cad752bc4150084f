'use server'

import { redirect } from 'next/navigation'
import { safeReturnTo, secondFactors } from '../../../../auth.ts'
import { addressOf } from '../../../../billing/query.ts'
import { goOn } from '../../../../components/entry/go-on.ts'
import { type FormState, refusedBy, refusedFields, typed } from '../../../../components/form/form-state.ts'
import {
  codesStep,
  refusedStep,
  type SetupState,
  scanStep,
  withoutCode,
} from '../../../../components/second-factor/setup-state.ts'

// These actions need no guard. They change only the sign-in that this browser has begun, and the auth server checks it.

/** Finishes the sign-in with a code of the authenticator app or with a recovery code, and redirects. */
export async function proveAndGoOn(previous: FormState, form: FormData): Promise<FormState> {
  const { code = '', recoveryCode = '' } = typed(form, ['code', 'recoveryCode'])
  const trustBrowser = form.has('trustBrowser')
  const values = { recoveryCode, trustBrowser: trustBrowser ? '1' : '' }
  const isRecovery = form.has('recoveryCode')
  if (isRecovery && recoveryCode.trim() === '')
    return refusedFields(previous, values, { recoveryCode: 'Enter a recovery code.' })
  if (!isRecovery && code.trim() === '') return refusedFields(previous, values, { code: 'Enter the code.' })
  const returnTo = safeReturnTo(form.get('returnTo'))
  const result = await secondFactors.prove({ ...(isRecovery ? { recoveryCode } : { code }), trustBrowser })
  if (result.ok) return goOn(returnTo)
  if (result.problem.code === 'sign_in_expired') return startAgain(returnTo)
  return refusedBy(result, previous, values, ['code', 'recoveryCode'])
}

/**
 * Sets up the authenticator app that the sign-in requires. The first call begins it, and the second call confirms it and signs the user in.
 * The answer to the second call has the recovery codes, which are shown only once. So it does not redirect.
 */
export async function setUpAtSignIn(previous: SetupState, form: FormData): Promise<SetupState> {
  const returnTo = safeReturnTo(form.get('returnTo'))
  const { id = '', code = '' } = typed(form, ['id', 'code'])
  if (id === '') {
    const started = await secondFactors.startSetup()
    if (started.ok) return scanStep(previous, started)
    return started.problem.code === 'sign_in_expired' ? startAgain(returnTo) : refusedStep(previous, started)
  }
  if (code.trim() === '') return withoutCode(previous)
  const finished = await secondFactors.finishSetup({ id, code })
  if (finished.ok) return codesStep(previous, finished.recoveryCodes)
  return finished.problem.code === 'sign_in_expired' ? startAgain(returnTo) : refusedStep(previous, finished)
}

function startAgain(returnTo: string): never {
  redirect(addressOf('/login', { notice: 'sign-in-expired', returnTo }))
}
