import { configurationPage } from './configuration-page.ts'
import { errorsPage } from './errors-page.ts'
import { throttlesPage } from './throttles-page.ts'

/** The pages of docs/ that are made from the code. */
export function generatedPages(): { file: string; text: string }[] {
  return [
    { file: 'docs/configuration.md', text: configurationPage() },
    { file: 'docs/errors.md', text: errorsPage() },
    { file: 'docs/throttles.md', text: throttlesPage() },
  ]
}
