/** How a link in a text is dressed. */
export const linkStyle = 'font-medium text-accent-text underline-offset-4 hover:underline'
