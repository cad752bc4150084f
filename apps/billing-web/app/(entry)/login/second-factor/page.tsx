import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { auth, safeReturnTo, secondFactors } from '../../../../auth.ts'
import { addressOf, choiceOf, type Query, queryValue } from '../../../../billing/query.ts'
import { addressAfterSignIn } from '../../../../components/entry/go-on.ts'
import { ProveSecondFactor } from '../../../../components/entry/prove-second-factor.tsx'
import { SetUpAtSignIn } from '../../../../components/entry/set-up-at-sign-in.tsx'

export const metadata: Metadata = { title: 'Two-step verification' }

/** The page after the password: the user proves the second factor, or sets one up if the auth server requires it. */
export default async function SecondFactorPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const returnTo = safeReturnTo(queryValue(query, 'returnTo'))
  const pending = await secondFactors.pending()
  if (pending?.status === 'second_factor_required')
    return (
      <ProveSecondFactor
        returnTo={returnTo}
        usesRecoveryCode={choiceOf(query, 'with', ['recovery-code']) !== null}
        hasApp={pending.factors.includes('totp')}
        hasPasskey={pending.factors.includes('passkey')}
        trustedSeconds={pending.trustedBrowserSeconds}
      />
    )
  // A user who has just finished the set-up is signed in and must see the recovery codes. So the page does not redirect this user.
  if (pending === null && (await auth()) === null)
    redirect(addressOf('/login', { notice: 'sign-in-expired', returnTo }))
  return (
    <SetUpAtSignIn
      returnTo={returnTo}
      nextHref={await addressAfterSignIn(returnTo)}
      isSignedIn={pending === null}
      hasPasskeys={pending?.factors.includes('passkey') ?? false}
    />
  )
}
