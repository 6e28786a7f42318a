import { styleText } from 'node:util'

/** A colour or a weight of text. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/**
 * Text in a style, where the stream is a terminal that has colours. `NO_COLOR`, `NODE_DISABLE_COLORS` and `FORCE_COLOR` decide before
 * that, as in Node.js.
 */
export function paint (style: Style, text: string, stream: NodeJS.WritableStream = process.stdout): string {
  return styleText(style, text, { stream })
}
