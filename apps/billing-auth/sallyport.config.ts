import type { SallyportSettings } from '@sallyport/server'
import { access } from './access.ts'

// The other settings of the example come from its environment (scripts/example/config.ts).
export default { access } satisfies SallyportSettings
