import { architecturePage } from './architecture-page.ts'
import { configurationPage } from './configuration-page.ts'
import { errorsPage } from './errors-page.ts'
import { referencePages } from './reference/pages.ts'
import { withTestLinks } from './test-links.ts'
import { throttlesPage } from './throttles-page.ts'

/** Returns the pages of docs/ that are generated from the code. */
export async function generatedPages(): Promise<{ file: string; text: string }[]> {
  return [
    { file: 'docs/architecture.md', text: architecturePage() },
    { file: 'docs/configuration.md', text: configurationPage() },
    { file: 'docs/errors.md', text: errorsPage() },
    { file: 'docs/throttles.md', text: throttlesPage() },
    ...['docs/requirements.md', 'docs/attacks.md'].map((file) => ({ file, text: withTestLinks(file) })),
    ...(await referencePages()),
  ]
}
