import type { Metadata } from 'next'
import { auth } from '../../../auth.ts'
import { VerifyAddress } from '../../../components/entry/verify-address.tsx'

export const metadata: Metadata = { title: 'Confirm your address' }

export default async function VerifyPage() {
  return <VerifyAddress isSignedIn={(await auth()) !== null} />
}
