'use server'

import type { ActionResult } from '@sallyport/next/server'
import { redirect } from 'next/navigation'
import { auth, passkeys, providers } from '../../../../auth.ts'
import { addressOf } from '../../../../billing/query.ts'
import { isConfirmed } from '../../../../components/form/confirm-identity.ts'
import {
  done,
  type FormState,
  refusedBy,
  refusedFields,
  typed,
} from '../../../../components/form/form-state.ts'

const path = '/profile/security'

/** Changes the name of a passkey. */
export async function renamePasskey(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  const values = typed(form, ['id', 'name'])
  const { id = '', name = '' } = values
  if (name.trim() === '') return refusedFields(previous, values, { name: 'Enter a name.' })
  const result = await passkeys.rename(id, name)
  if (!result.ok) return refused(result, previous, values, 'passkey-gone')
  redirect(addressOf(path, { notice: 'passkey-renamed' }))
}

/**
 * Removes a passkey. If the browser runs scripts, the page removes it afterwards and tells the browser, and this action only checks that the
 * user has authenticated recently.
 */
export async function removePasskeyHere(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  await requireConfirmed()
  const values = typed(form, ['id'])
  if (form.has('hasScripts')) return done(previous, values)
  const result = await passkeys.remove(values.id ?? '')
  if (!result.ok) return refused(result, previous, values, 'passkey-gone')
  redirect(addressOf(path, { notice: 'passkey-removed' }))
}

/** Removes the link to an account at a provider. */
export async function unlinkProvider(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ returnTo: path })
  await requireConfirmed()
  const values = typed(form, ['id'])
  const result = await providers.unlink(values.id ?? '')
  if (!result.ok) return refused(result, previous, values, 'link-gone')
  redirect(addressOf(path, { notice: 'unlinked' }))
}

/** Redirects to the confirm page if the user authenticated too long ago. Users without a password can use a passkey there. */
async function requireConfirmed(): Promise<void> {
  if (!(await isConfirmed('strongest'))) redirect(addressOf('/confirm', { returnTo: path }))
}

function refused(
  refusal: Extract<ActionResult, { ok: false }>,
  previous: FormState,
  values: FormState['values'],
  goneNotice: string,
): FormState {
  const { status, code } = refusal.problem
  if (code === 'insufficient_user_authentication') redirect(addressOf('/confirm', { returnTo: path }))
  if (status === 401) redirect(addressOf('/login', { returnTo: path }))
  if (status === 404) redirect(addressOf(path, { notice: goneNotice }))
  return refusedBy(refusal, previous, values, ['name'])
}
