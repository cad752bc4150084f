import type { Metadata } from 'next'
import { auth } from '../../../auth.ts'
import { type Query, queryValue } from '../../../billing/query.ts'
import { ConfirmNewAddress } from '../../../components/entry/confirm-new-address.tsx'
import { NewAddressConfirmed } from '../../../components/entry/new-address-confirmed.tsx'

export const metadata: Metadata = { title: 'Confirm your new address' }

export default async function VerifyNewAddressPage({ searchParams }: { searchParams: Promise<Query> }) {
  if (queryValue(await searchParams, 'notice') === 'confirmed') return <NewAddressConfirmed />
  return <ConfirmNewAddress isSignedIn={(await auth()) !== null} />
}
