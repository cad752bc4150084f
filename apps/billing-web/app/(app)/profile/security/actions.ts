'use server'

import type { ActionResult } from '@sallyport/next/server'
import { refresh } from 'next/cache'
import { redirect } from 'next/navigation'
import { auth, secondFactors } from '../../../../auth.ts'
import { addressOf } from '../../../../billing/query.ts'
import { confirmIdentity, refusedProof } from '../../../../components/form/confirm-identity.ts'
import {
  done,
  type FormState,
  refusedBy,
  refusedFields,
  typed,
} from '../../../../components/form/form-state.ts'
import {
  codesStep,
  refusedStep,
  type SetupState,
  scanStep,
  setupStart,
  withoutCode,
} from '../../../../components/second-factor/setup-state.ts'

const path = '/profile/security'

/** The state of the form that makes new recovery codes. */
export type CodesState = FormState & { recoveryCodes: readonly string[] }

/**
 * Adds an authenticator app. The first call begins it, and the second call confirms it with the first code. The answer has the recovery
 * codes if this is the first app. They are shown only once.
 */
export async function addApp(previous: SetupState, form: FormData): Promise<SetupState> {
  await auth.require({ returnTo: `${path}/add` })
  const { id = '', code = '', name = '' } = typed(form, ['id', 'code', 'name'])
  if (id === '') {
    const refused = await beforeChange(previous, form, { name }, name.trim() === '')
    if (refused !== null) return { ...setupStart, ...refused }
    const started = await secondFactors.startTotp({ name })
    return started.ok
      ? scanStep(previous, started)
      : { ...setupStart, ...(await refusedChange(started, previous, { name }, ['name'])) }
  }
  if (code.trim() === '') return withoutCode(previous)
  const added = await secondFactors.confirmTotp({ id, code })
  if (!added.ok && added.problem.code === 'insufficient_user_authentication')
    return { ...setupStart, ...(await refusedChange(added, previous, {}, [])) }
  if (!added.ok) return refusedStep(previous, added)
  if (added.recoveryCodes !== null) return codesStep(previous, added.recoveryCodes)
  redirect(addressOf(path, { notice: 'added' }))
}

/** Changes the name of an authenticator app. */
export async function renameApp(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  const values = typed(form, ['id', 'name'])
  const { id = '', name = '' } = values
  const refused = await beforeChange(previous, form, values, name.trim() === '')
  if (refused !== null) return refused
  const result = await secondFactors.rename({ id, name })
  if (!result.ok) return refusedChange(result, previous, values, ['name'])
  redirect(addressOf(path, { notice: 'renamed' }))
}

/** Removes an authenticator app. */
export async function removeApp(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  const values = typed(form, ['id'])
  const { id = '' } = values
  const refused = await confirmIdentity(previous, form, values, 'strongest')
  if (refused !== null) return refused
  const result = await secondFactors.remove(id)
  if (!result.ok) return refusedChange(result, previous, values, [])
  redirect(addressOf(path, { notice: 'removed' }))
}

/** Replaces the recovery codes. The answer has the new codes, which are shown only once. */
export async function makeCodes(previous: CodesState, form: FormData): Promise<CodesState> {
  await auth.require({ returnTo: path })
  const refused = await confirmIdentity(previous, form, {}, 'strongest')
  if (refused !== null) return { ...refused, recoveryCodes: [] }
  const result = await secondFactors.makeRecoveryCodes()
  if (!result.ok) return { ...(await refusedChange(result, previous, {}, [])), recoveryCodes: [] }
  refresh()
  return { ...done(previous, {}), recoveryCodes: result.recoveryCodes }
}

/** Asks for a code again in all browsers that the user trusts. */
export async function forgetBrowsers(previous: FormState): Promise<FormState> {
  await auth.require({ returnTo: path })
  const result = await secondFactors.forgetTrustedBrowsers()
  if (!result.ok) return refusedChange(result, previous, {}, [])
  redirect(addressOf(path, { notice: 'asked-again' }))
}

/** Checks the name and the identity. Returns null if the change may be made. */
async function beforeChange(
  previous: FormState,
  form: FormData,
  values: FormState['values'],
  isNameMissing: boolean,
): Promise<FormState | null> {
  if (!isNameMissing) return confirmIdentity(previous, form, values, 'strongest')
  const state = refusedFields(previous, values, { name: 'Enter a name.' })
  return { ...state, asksPassword: form.has('password'), asksCode: form.has('code') }
}

async function refusedChange(
  refusal: Extract<ActionResult, { ok: false }>,
  previous: FormState,
  values: FormState['values'],
  fieldNames: readonly string[],
): Promise<FormState> {
  const { status, code } = refusal.problem
  // The last proof has become too old in the meantime.
  if (code === 'insufficient_user_authentication') return refusedProof(refusal, previous, values, fieldNames)
  if (status === 401) redirect(addressOf('/login', { returnTo: path }))
  if (status === 404) redirect(addressOf(path, { notice: 'gone' }))
  return refusedBy(refusal, previous, values, fieldNames)
}
