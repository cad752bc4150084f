import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { auth, providers, safeReturnTo } from '../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../billing/query.ts'
import { SignUp } from '../../../components/entry/sign-up.tsx'

export const metadata: Metadata = { title: 'Create an account' }

export default async function SignUpPage({ searchParams }: { searchParams: Promise<Query> }) {
  const wanted = queryValue(await searchParams, 'returnTo')
  const returnTo = safeReturnTo(wanted)
  if (await auth()) redirect(returnTo)
  const isAskedFor = returnTo !== safeReturnTo(undefined)
  return (
    <SignUp
      returnTo={returnTo}
      wanted={wanted}
      providers={await providers.list()}
      signInHref={addressOf('/login', { returnTo: isAskedFor ? returnTo : null })}
    />
  )
}
