import { connection } from 'next/server'
import { Invoices } from '../../invoices.jsx'

export default async function OpenPage() {
  await connection()
  return <Invoices reader="anybody" />
}
