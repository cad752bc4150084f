'use client'

import { clientAccess } from '@sallyport/next/client-access'
import { access } from '../../billing-auth/access.ts'

/** Both accept only the roles and permissions of the example. */
export const { Can, useSession } = clientAccess(access)
