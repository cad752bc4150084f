import { styleText } from 'node:util'

export type Colour = 'bold' | 'dim' | 'green' | 'yellow' | 'red'

/** Colours text if standard output is a terminal and `NO_COLOR` is not set. */
export function coloured(colour: Colour | undefined, text: string): string {
  return colour === undefined ? text : styleText(colour, text, { stream: process.stdout })
}
