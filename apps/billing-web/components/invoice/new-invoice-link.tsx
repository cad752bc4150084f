import { Plus } from 'lucide-react'
import Link from 'next/link'
import { buttonStyle } from '../surface/button-style.ts'

export function NewInvoiceLink() {
  return (
    <Link href="/invoices/new" prefetch={false} className={buttonStyle('primary')}>
      <Plus aria-hidden className="size-4" />
      New invoice
    </Link>
  )
}
