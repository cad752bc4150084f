import { ForgetNotice } from '../surface/forget-notice.tsx'
import { Done } from '../surface/notice.tsx'

const sentences: Record<string, string> = { created: 'was created and is open.', voided: 'was voided.' }

/** Shows what the user has just done with this invoice. The URL contains the notice, and the notice is shown only once. */
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
