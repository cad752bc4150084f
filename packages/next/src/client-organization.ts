'use client'

export { OrganizationProvider } from './client/organization-provider.tsx'
