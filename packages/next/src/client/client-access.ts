import type { Access } from '@sallyport/protocol'
import type { RequiredNames } from '@sallyport/protocol/requirement'
import type { ReactNode } from 'react'
import { Can, type CanProps } from './conditions.tsx'
import { type ClientSession, useSession } from './session-context.ts'

/** `Can` and `useSession` for one definition of roles and permissions. */
export type ClientAccess<Defined extends Access> = {
  /** The component `Can`, which accepts only defined names. */
  Can(props: CanProps<Defined>): ReactNode
  /** The hook `useSession`, whose `can` accepts only defined names. */
  useSession(): ClientSession<Defined>
}

/**
 * Returns `Can` and `useSession` for the names of a definition: another name does not compile, and throws an error when it is rendered.
 * Call it once, in a file with `'use client'`, and import the two from there.
 *
 * @example
 * 'use client'
 * import { clientAccess } from '@sallyport/next/client-access'
 * import { access } from '../access'
 *
 * export const { Can, useSession } = clientAccess(access)
 */
export function clientAccess<Defined extends Access>(access: Defined): ClientAccess<Defined> {
  const requireDefined = ({ role = [], permission = [] }: RequiredNames) => {
    for (const name of [role].flat())
      if (!Object.hasOwn(access.roles, name)) throw new TypeError(`There is no role ${name}.`)
    for (const name of [permission].flat())
      if (!access.permissions.includes(name)) throw new TypeError(`There is no permission ${name}.`)
  }
  return {
    Can(props) {
      requireDefined(props)
      return Can(props)
    },
    useSession() {
      const session = useSession()
      const can = (asked: RequiredNames) => {
        requireDefined(asked)
        return session.can(asked)
      }
      return { ...session, can }
    },
  }
}
