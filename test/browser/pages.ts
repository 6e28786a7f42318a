import { bundles } from './bundles.ts'

const HTML = '<!doctype html><meta charset="utf-8"><title>A node</title><script type="module" src="page.js"></script>'

/** The files of the page with a node in it, by their names. */
export async function nodePage (): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const { page: files } = await bundles()

  return new Map<string, string | Uint8Array>([['index.html', HTML], ...files!.map(({ name, content }) => [name, content] as const)])
}
