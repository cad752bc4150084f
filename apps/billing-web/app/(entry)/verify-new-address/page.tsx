import type { Metadata } from 'next'
import { ConfirmNewAddress } from '../../../components/entry/confirm-new-address.tsx'

export const metadata: Metadata = { title: 'Confirm your new address' }

export default function VerifyNewAddressPage() {
  return <ConfirmNewAddress />
}
