import type { Metadata } from 'next'
import { signInError } from '../../../account/sign-in-error.ts'
import { auth, passkeys, providers, safeReturnTo } from '../../../auth.ts'
import { addressOf, choiceOf, type Query, queryValue } from '../../../billing/query.ts'
import { ConfirmAtProviders } from '../../../components/entry/confirm-at-providers.tsx'
import { ConfirmForm } from '../../../components/entry/confirm-form.tsx'
import { hasSecondFactor } from '../../../components/form/confirm-identity.ts'

export const metadata: Metadata = { title: 'Confirm that it is you' }

/**
 * The page on which a signed-in user confirms the password, and a code if the user has a second factor, or uses a passkey or a linked
 * provider. It opens before a page that requires a recent authentication.
 */
export default async function ConfirmPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const wanted = queryValue(query, 'returnTo')
  await auth.require({ returnTo: addressOf('/confirm', { returnTo: wanted || null }) })
  const returnTo = safeReturnTo(wanted)
  const user = await auth.user()
  const [owned, linked] = await Promise.all([passkeys.list(), providers.linked()])
  const confirming = linked.ok ? linked.identities.filter(({ canConfirm }) => canConfirm) : []
  const named = new Map(confirming.map(({ provider: name, label }) => [name, { name, label }]))
  return (
    <ConfirmForm
      returnTo={returnTo}
      email={user?.email ?? ''}
      asksCode={await hasSecondFactor()}
      hasPasskey={owned.ok && owned.passkeys.length > 0}
      providerButtons={<ConfirmAtProviders providers={[...named.values()]} returnTo={returnTo} />}
      error={signInError(queryValue(query, 'error'))}
      usesRecoveryCode={choiceOf(query, 'with', ['recovery-code']) !== null}
    />
  )
}
