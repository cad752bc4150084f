import type { Metadata } from 'next'
import { signInError } from '../../../account/sign-in-error.ts'
import { auth, passkeys, providers, safeReturnTo, waysToSignIn } from '../../../auth.ts'
import { addressOf, choiceOf, type Query, queryValue } from '../../../billing/query.ts'
import { ConfirmAtProviders } from '../../../components/entry/confirm-at-providers.tsx'
import { ConfirmForm } from '../../../components/entry/confirm-form.tsx'
import { asksNow } from '../../../components/form/confirm-identity.ts'

export const metadata: Metadata = { title: 'Confirm that it is you' }

/**
 * The page on which a signed-in user confirms the password and a code, if they have them, or uses a passkey or a linked provider. It opens
 * before a page that requires a recent authentication.
 */
export default async function ConfirmPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const wanted = queryValue(query, 'returnTo')
  await auth.require({ returnTo: addressOf('/confirm', { returnTo: wanted || null }) })
  const returnTo = safeReturnTo(wanted)
  const user = await auth.user()
  const [asks, owned, linked, ways] = await Promise.all([
    asksNow(),
    passkeys.list(),
    providers.linked(),
    waysToSignIn(),
  ])
  const identities = linked.ok ? linked.identities : []
  const confirming = identities.filter(({ canConfirm }) => canConfirm)
  const named = new Map(confirming.map(({ provider: name, label }) => [name, { name, label }]))
  return (
    <ConfirmForm
      returnTo={returnTo}
      email={user?.email ?? ''}
      asks={asks}
      hasPasskey={owned.ok && owned.passkeys.length > 0}
      hasProvider={named.size > 0}
      providerButtons={<ConfirmAtProviders providers={[...named.values()]} returnTo={returnTo} />}
      canSignInAgain={ways.mailedSignIn || identities.length > 0}
      error={signInError(queryValue(query, 'error'))}
      usesRecoveryCode={choiceOf(query, 'with', ['recovery-code']) !== null}
    />
  )
}
