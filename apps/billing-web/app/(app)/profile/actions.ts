'use server'

import { auth, updateProfile } from '../../../auth.ts'
import { done, type FormState, refusedBy, refusedFields, typed } from '../../../components/form/form-state.ts'

/** Changes the user's name. */
export async function saveProfile(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require()
  const values = typed(form, ['name'])
  const { name = '' } = values
  if (name.trim() === '') return refusedFields(previous, values, { name: 'Enter a name.' })
  const result = await updateProfile({ name })
  return result.ok
    ? done(previous, { name: result.user.name })
    : refusedBy(result, previous, values, ['name'])
}
