import type { Metadata } from 'next'
import { ResetPassword } from '../../../components/entry/reset-password.tsx'

export const metadata: Metadata = { title: 'Choose a new password' }

export default function ResetPage() {
  return <ResetPassword />
}
