'use client'

export { type ClientAccess, clientAccess } from './client/client-access.ts'
