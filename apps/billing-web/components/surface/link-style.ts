/** The style of a link in text. */
export const linkStyle = 'font-medium text-accent-text underline-offset-4 hover:underline'
