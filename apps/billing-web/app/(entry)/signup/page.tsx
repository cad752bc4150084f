import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { auth, safeReturnTo, waysToSignIn } from '../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../billing/query.ts'
import { ProviderButtons } from '../../../components/entry/provider-buttons.tsx'
import { SignUp } from '../../../components/entry/sign-up.tsx'

export const metadata: Metadata = { title: 'Create an account' }

export default async function SignUpPage({ searchParams }: { searchParams: Promise<Query> }) {
  const wanted = queryValue(await searchParams, 'returnTo')
  const returnTo = safeReturnTo(wanted)
  if (await auth()) redirect(returnTo)
  const ways = await waysToSignIn()
  const isAskedFor = returnTo !== safeReturnTo(undefined)
  return (
    <SignUp
      returnTo={returnTo}
      passkeys={ways.passkeys}
      providerButtons={
        ways.providers.length > 0 ? <ProviderButtons providers={ways.providers} returnTo={wanted} /> : null
      }
      signInHref={addressOf('/login', { returnTo: isAskedFor ? returnTo : null })}
    />
  )
}
