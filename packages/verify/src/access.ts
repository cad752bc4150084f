export { type Access, type AccessDefinition, defineAccess } from '@sallyport/protocol/access'
