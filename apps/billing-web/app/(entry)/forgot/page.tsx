import type { Metadata } from 'next'
import { ForgotPassword } from '../../../components/entry/forgot-password.tsx'

export const metadata: Metadata = { title: 'Forgot your password?' }

export default function ForgotPage() {
  return <ForgotPassword />
}
