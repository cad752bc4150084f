import { defineAccess } from '@sallyport/verify/access'

/** The permissions and roles of the example. The pages, the API and the auth server import them from here. */
export const access = defineAccess({
  permissions: [
    'invoice:read',
    'invoice:write',
    'customer:read',
    'report:read',
    'organization:manage',
    'organization:delete',
    'member:manage',
    'audit:read',
  ],
  roles: {
    owner: '*',
    finance: ['invoice:read', 'invoice:write', 'customer:read', 'report:read'],
    member: ['invoice:read', 'invoice:write', 'customer:read'],
  },
})

export type BillingAccess = typeof access
