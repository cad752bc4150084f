import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { auth, safeReturnTo } from '../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../billing/query.ts'
import { SignUpForm } from '../../../components/entry/sign-up-form.tsx'

export const metadata: Metadata = { title: 'Create an account' }

export default async function SignUpPage({ searchParams }: { searchParams: Promise<Query> }) {
  const returnTo = safeReturnTo(queryValue(await searchParams, 'returnTo'))
  if (await auth()) redirect(returnTo)
  const isAskedFor = returnTo !== safeReturnTo(undefined)
  return (
    <>
      <h1 className="font-semibold text-2xl tracking-tight">Create an account</h1>
      <p className="mt-1 mb-6 text-soft">You join the demo company as a member.</p>
      <SignUpForm returnTo={returnTo} />
      <p className="mt-6 text-soft">
        Already have one?{' '}
        <Link
          href={addressOf('/login', { returnTo: isAskedFor ? returnTo : null })}
          className="font-medium text-accent-text underline-offset-4 hover:underline"
        >
          Sign in instead
        </Link>
      </p>
    </>
  )
}
