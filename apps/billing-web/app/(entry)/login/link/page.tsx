import type { Metadata } from 'next'
import { SignInLink } from '../../../../components/entry/sign-in-link.tsx'

export const metadata: Metadata = { title: 'Confirm your sign-in' }

export default function LinkPage() {
  return <SignInLink />
}
