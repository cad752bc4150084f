import { ForgetNotice } from '../surface/forget-notice.tsx'
import { Done } from '../surface/notice.tsx'

const sentences: Record<string, string> = { created: 'was created and is open.', voided: 'was voided.' }

/** Shows what was just done to this invoice, once, from the URL. */
export function InvoiceNotice({ notice, number }: { notice: string; number: string }) {
  if (!Object.hasOwn(sentences, notice)) return null
  return (
    <div className="mb-6">
      <Done>
        {number} {sentences[notice]}
      </Done>
      <ForgetNotice />
    </div>
  )
}
