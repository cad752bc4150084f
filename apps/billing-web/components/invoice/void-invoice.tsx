'use client'

import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useState } from 'react'
import type { InvoiceSummary } from '../../billing/invoice.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { VoidForm } from './void-form.tsx'

/**
 * A button that voids an invoice. It opens a dialog that asks for confirmation. Before scripts have loaded, it opens a page that asks for
 * confirmation.
 */
export function VoidInvoice({ invoice }: { invoice: Pick<InvoiceSummary, 'id' | 'number'> }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={setOpen}>
      <AlertDialog.Trigger
        nativeButton={false}
        className={buttonStyle('secondary')}
        render={
          <a
            href={`/invoices/${invoice.id}/void`}
            onClick={(event) => {
              event.preventDefault()
            }}
          />
        }
      >
        Void invoice
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-[oklch(0.15_0.01_265)] opacity-45 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <AlertDialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[26rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-2xl border border-line bg-raised p-6 shadow-float transition-[scale,opacity] duration-150 data-ending-style:scale-97 data-starting-style:scale-97 data-ending-style:opacity-0 data-starting-style:opacity-0">
          <AlertDialog.Title className="font-semibold text-lg tracking-tight">
            Void {invoice.number}?
          </AlertDialog.Title>
          <AlertDialog.Description className="mt-1.5 mb-6 text-pretty text-soft">
            The customer will not have to pay it. The number will not be used again. This cannot be undone.
          </AlertDialog.Description>
          <VoidForm
            id={invoice.id}
            cancel={<AlertDialog.Close className={buttonStyle('secondary')}>Keep invoice</AlertDialog.Close>}
          />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
