import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { auth, safeReturnTo } from '../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../billing/query.ts'
import { SignUp } from '../../../components/entry/sign-up.tsx'

export const metadata: Metadata = { title: 'Create an account' }

export default async function SignUpPage({ searchParams }: { searchParams: Promise<Query> }) {
  const returnTo = safeReturnTo(queryValue(await searchParams, 'returnTo'))
  if (await auth()) redirect(returnTo)
  const isAskedFor = returnTo !== safeReturnTo(undefined)
  return (
    <SignUp
      returnTo={returnTo}
      signInHref={addressOf('/login', { returnTo: isAskedFor ? returnTo : null })}
    />
  )
}
